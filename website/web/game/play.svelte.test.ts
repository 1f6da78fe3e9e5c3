import { expect, it } from 'vitest'
import type { PlayAnswer } from '../lib/api.ts'
import { SeatMemory } from '../lib/seat.ts'
import { Play } from './play.svelte.ts'

const room = `r${'0'.repeat(19)}`
const player = `p${'0'.repeat(19)}`
const seat: PlayAnswer = {
  ok: true,
  game: 'pong',
  room,
  player,
  url: 'http://127.0.0.1/pong/',
  ticket: 't',
  private: false,
}
const gone: PlayAnswer = {
  ok: false,
  reason: 'room-ended',
  text: 'This room has ended. Press Play for a new one.',
  game: 'pong',
}

function storage() {
  const items = new Map<string, string>()
  return {
    getItem: (name: string) => items.get(name) ?? null,
    setItem: (name: string, value: string) => void items.set(name, value),
    removeItem: (name: string) => void items.delete(name),
  }
}

type Way = 'quickPlay' | 'openPrivate' | 'again' | 'join' | 'rejoin'
/** A tab; `answers` say what the ways into a room come to. */
function tab(answers: Partial<Record<Way, PlayAnswer>> = {}, items = storage()) {
  const calls: string[] = []
  const way = (name: Way) => ({
    mutate: async () => {
      calls.push(name)
      return answers[name] ?? seat
    },
  })
  const rooms = {
    quickPlay: way('quickPlay'),
    openPrivate: way('openPrivate'),
    again: way('again'),
    join: way('join'),
    rejoin: way('rejoin'),
  }
  const api = { rooms }
  const session = { ensurePlayer: async () => ({ ok: true }) as const }
  const seats = new SeatMemory(items)
  const play = new Play({ api: api as never, session, seats })
  return { play, calls, seats, items }
}

it('Play takes a seat and remembers it', async () => {
  const { play, seats } = tab()
  await play.quickPlay('pong')
  expect(play.state).toMatchObject({ is: 'seated', seat: { room }, note: null })
  expect(seats.get('pong')).toEqual({ room, player })
})

it('two presses of Play take one seat', async () => {
  const { play, calls } = tab()
  await Promise.all([play.quickPlay('pong'), play.quickPlay('pong')])
  expect(calls).toEqual(['quickPlay'])
})

it('a reload comes back to the same seat', async () => {
  const before = tab()
  await before.play.quickPlay('pong')
  const after = tab({}, before.items)
  await after.play.resume('pong')
  expect(after.calls).toEqual(['rejoin'])
  expect(after.play.state).toMatchObject({ is: 'seated', note: null })
})

it('a reload after the room has ended finds another, with a note', async () => {
  const before = tab()
  await before.play.quickPlay('pong')
  const after = tab({ rejoin: gone }, before.items)
  await after.play.resume('pong')
  expect(after.calls).toEqual(['rejoin', 'again'])
  expect(after.play.state).toMatchObject({ is: 'seated', note: expect.stringContaining('fresh') })
})

it('without a seat, opening a game takes none', async () => {
  const { play, calls } = tab()
  await play.resume('pong')
  expect(calls).toEqual([])
  expect(play.state).toEqual({ is: 'idle' })
})

it('an invite joins that very room, and its reload keeps the seat', async () => {
  const first = tab()
  await first.play.join(room)
  expect(first.calls).toEqual(['join'])
  const again = tab({}, first.items)
  await again.play.join(room)
  expect(again.calls).toEqual(['rejoin'])
})

it('after Leave a reload takes no seat', async () => {
  const { play, seats } = tab()
  await play.quickPlay('pong')
  await play.leave()
  expect(play.state).toEqual({ is: 'idle' })
  expect(seats.get('pong')).toBeNull()
  expect(seats.inRoom(room)).toBeNull()
})

it('a refusal says why, and whose rooms can be tried instead', async () => {
  const { play } = tab({ quickPlay: gone })
  await play.quickPlay('pong')
  expect(play.state).toEqual({ is: 'refused', reason: 'room-ended', text: gone.text, game: 'pong' })
})

it('no guest session, no seat, and the reason is shown', async () => {
  const { calls, seats } = tab()
  const ensurePlayer = async () => ({ ok: false, field: 'form', text: 'Sandlot cannot be reached.' }) as const
  const play = new Play({ api: {} as never, session: { ensurePlayer }, seats })
  await play.quickPlay('pong')
  expect(play.state).toMatchObject({ is: 'refused', reason: null, text: 'Sandlot cannot be reached.' })
  expect(calls).toEqual([])
})
