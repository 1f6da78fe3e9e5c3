// The shapes of every identifier that crosses a door.
import { z } from 'zod'
import { GAME_ID, PLAYER_ID, REPORT_KEY, ROOM_ID } from './random-ids.ts'

/** A game's name in its address, `/pong/`: lower-case letters, digits and inner hyphens, 1 to 29 characters. */
export const gameId = z.string().regex(GAME_ID, 'must be 1 to 29 of a-z, 0-9 and inner hyphens')
export const roomId = z.string().regex(ROOM_ID, 'is not a room id')
export const playerId = z.string().regex(PLAYER_ID, 'is not a player id')
/** A build: the first 128 bits of the SHA-256 of its content, in hex. */
export const buildId = z.string().regex(/^[0-9a-f]{32}$/, 'is not a build id')
export const nodeId = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, 'is not a node id')
/** The account of a creator or player on the website; opaque to the sandbox. */
export const userId = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'is not a user id')
export const reportKey = z.string().regex(REPORT_KEY, 'is not a report key')
