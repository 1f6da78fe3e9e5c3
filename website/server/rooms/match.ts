// From "I want to play" to a ticket: a seat in the database, a running room on the node, and the signature that joins the two.
import { CRASH_MEMORY_MS } from '@sandlot/shared/limits.ts'
import { assertNever } from '@sandlot/shared/reasons.ts'
import { signTicket } from '@sandlot/shared/ticket.ts'
import { ControlError } from '../control/client.ts'
import { playUrl } from '../control/nodes.ts'
import type { Person, Services } from '../trpc.ts'
import type { PlayAnswer, PlayReason } from './shapes.ts'
import {
  type Company,
  joinRoom,
  type Match,
  markEnded,
  markOpen,
  matchSeat,
  partyOf,
  reclaimSeat,
  releaseSeat,
} from './store.ts'

const MAX_TRIES = 3 // rooms that turn out to have ended since the database last heard of them

const TEXT: Record<PlayReason, string> = {
  'no-such-game': 'There is no game of this name. It may have been removed.',
  'no-such-room': 'This room does not exist any more. Press Play to find another.',
  'no-such-seat': 'You have no place in this room. Press Play to get one.',
  'no-build': 'This game does not run yet. If it is yours, open its files: the problem is shown there.',
  'room-full': 'This room is full. Press Play to find another.',
  'room-ended': 'This room has ended. Press Play for a new one.',
  crashed: `This game crashed again and again, so it is stopped for up to ${CRASH_MEMORY_MS / 60_000} minutes. Its creator is told why. Try again later, or play another game.`,
  stopped: 'The creator of this game has stopped it for now. Come back later, or play another game.',
  'not-now': 'This game is not ready to take players. Try again in a moment.',
  'too-many-rooms': 'So many rooms of this game are open that no more can start. Try again in a few minutes.',
  'too-many-seats':
    'You hold as many places as one person may have. Close other windows with games, wait a minute, then press Play again.',
  unavailable: 'The game server does not answer. Try again in a moment.',
  'node-full': 'So many games are being played that this one cannot start now. Try again in a few minutes.',
  'creator-full':
    'So many games of the same creator are being played that this one cannot start now. Try again in a few minutes.',
}
const refuse = (reason: PlayReason, game: string | null): PlayAnswer => ({
  ok: false,
  reason,
  text: TEXT[reason],
  game,
})

const playerOf = (person: Person) => ({ user: person.id, name: person.name })

/** Any room of the game: the fullest with a free place, else a new one. */
export const quickPlay = (services: Services, person: Person, game: string): Promise<PlayAnswer> =>
  find(services, person, game, { with: 'anybody' })

/** A new room that nobody enters without its link. */
export const openPrivate = (services: Services, person: Person, game: string): Promise<PlayAnswer> =>
  find(services, person, game, { with: 'invited' })

/** After `room`, which may be over: those who played in a private one meet again in the next of their party, others are anybody. */
export async function again(services: Services, person: Person, game: string, room: string): Promise<PlayAnswer> {
  const party = await partyOf(services.db, game, room)
  return find(services, person, game, party === null ? { with: 'anybody' } : { with: 'party', party })
}

async function find(services: Services, person: Person, game: string, company: Company): Promise<PlayAnswer> {
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const answer = await enter(services, () => matchSeat(services.db, game, playerOf(person), company))
    if (answer.ok || answer.reason !== 'room-ended') return answer
  }
  return refuse('unavailable', game)
}

/** The room of an invite link. */
export const join = (services: Services, person: Person, room: string): Promise<PlayAnswer> =>
  enter(services, () => joinRoom(services.db, room, playerOf(person)))

/** The same seat again, after the page was reloaded. */
export const rejoin = (services: Services, person: Person, room: string, player: string): Promise<PlayAnswer> =>
  enter(services, () => reclaimSeat(services.db, room, player, person.id))

/** `seat` gives one; the rest makes sure that its room runs before anybody gets a ticket to it. */
async function enter({ db, nodes, ticketKey }: Services, seat: () => Promise<Match>): Promise<PlayAnswer> {
  const startedMs = Date.now() // the ticket counts from here, so that it never outlives the seat
  const match = await seat()
  if (!match.ok) return refuse(match.reason, match.game)
  const { game, room, player, name } = match
  const node = nodes.get(match.node)
  const giveUp = async (reason: PlayReason) => {
    if (match.fresh) await releaseSeat(db, game, room, player)
    return refuse(reason, game)
  }
  let ensured: Awaited<ReturnType<typeof node.control.ensureRoom>>
  try {
    ensured = await node.control.ensureRoom(game, room)
  } catch (error) {
    if (error instanceof ControlError) return giveUp('unavailable')
    throw error
  }
  if (!ensured.ok) {
    switch (ensured.reason) {
      case 'ended':
        await markEnded(db, room)
        return refuse('room-ended', game)
      case 'no-such-game':
        return giveUp('unavailable')
      case 'unavailable':
        return giveUp('not-now')
      case 'crashed':
      case 'stopped':
      case 'no-build':
      case 'too-many-rooms':
      case 'node-full':
      case 'creator-full':
        return giveUp(ensured.reason)
      default:
        return assertNever(ensured.reason)
    }
  }
  await markOpen(db, room)
  const ticket = await signTicket(ticketKey, { game, room, player, name }, startedMs)
  return { ok: true, game, room, player, url: playUrl(node, game), ticket, private: match.private }
}
