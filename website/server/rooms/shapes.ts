// What pages may say and learn about rooms.
import { gameId, playerId, roomId } from '@sandlot/shared/ids.ts'
import { ROOM_ID } from '@sandlot/shared/random-ids.ts'
import { z } from 'zod'

const iceUrl = z.string().regex(/^(stun|stuns|turn|turns):[^\s/]+$/)

export const quickPlayInput = z.strictObject({ game: gameId })
/** The id is part of an address that people copy. */
export const joinInput = z.strictObject({
  room: z.string().regex(ROOM_ID, 'This invite link is not complete. Ask for it again, and copy all of it.'),
})
/** `room`: the one before. */
export const againInput = z.strictObject({ game: gameId, room: roomId })
export const rejoinInput = z.strictObject({ room: roomId, player: playerId })

/** Servers that help two browsers to find each other, as RTCPeerConnection takes them. Every player is told them, passwords too. */
export const iceServers = z
  .array(
    z.strictObject({
      urls: z.union([iceUrl, z.array(iceUrl).min(1).max(8)]),
      username: z.string().max(512).optional(),
      credential: z.string().max(512).optional(),
    }),
  )
  .max(8)
export type IceServer = z.infer<typeof iceServers>[number]

const playReason = z.enum([
  'no-such-game',
  'no-such-room',
  'no-such-seat',
  'no-build',
  'room-full',
  'room-ended',
  'crashed',
  'stopped',
  'not-now',
  'too-many-rooms',
  'too-many-seats',
  'unavailable',
  'node-full',
  'creator-full',
])
export type PlayReason = z.infer<typeof playReason>

/** `url` is the iframe's address, `ticket` the right to the seat for the next minute. `text` says what the player can do, `game` whose rooms they can try instead. */
export const playAnswer = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    game: gameId,
    room: roomId,
    player: playerId,
    url: z.url(),
    ticket: z.string(),
    /** Nobody enters without the link. */
    private: z.boolean(),
  }),
  z.object({ ok: z.literal(false), reason: playReason, text: z.string(), game: gameId.nullable() }),
])
export type PlayAnswer = z.infer<typeof playAnswer>
