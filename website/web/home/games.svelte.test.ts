import { expect, it } from 'vitest'
import { coverOf } from './cover.ts'
import { Games } from './games.svelte.ts'
import { playersText } from './players.ts'

const game = (id: string) => ({ id, title: id }) as never

/** Answers when told to, in any order. */
function slowApi() {
  const waiting = new Map<string, (page: { games: never[]; next: number | null }) => void>()
  const query = ({ search, cursor = 0 }: { search: string; cursor?: number }) =>
    new Promise<{ games: never[]; next: number | null }>((resolve) => waiting.set(`${search}@${cursor}`, resolve))
  const answer = (key: string, ids: string[], next: number | null = null) =>
    waiting.get(key)!({ games: ids.map(game), next })
  return { api: { games: { list: { query } } } as never, answer }
}

it('an answer that comes after a newer search is dropped', async () => {
  const { api, answer } = slowApi()
  const games = new Games(api)
  const first = games.find('p')
  const second = games.find('pong')
  answer('pong@0', ['pong'])
  await second
  answer('p@0', ['paint', 'pong'])
  await first
  expect(games).toMatchObject({ search: 'pong', list: [{ id: 'pong' }], isBusy: false })
})

it('the next page is added to the list', async () => {
  const { api, answer } = slowApi()
  const games = new Games(api)
  const found = games.find('')
  answer('@0', ['a', 'b'], 2)
  await found
  expect(games.hasMore).toBe(true)
  const more = games.more()
  answer('@2', ['c'])
  await more
  expect(games).toMatchObject({ list: [{ id: 'a' }, { id: 'b' }, { id: 'c' }], hasMore: false })
})

it('a failed search says so and keeps the list', async () => {
  const query = () => Promise.reject(new Error('down'))
  const games = new Games({ games: { list: { query } } } as never)
  await games.find('')
  expect(games).toMatchObject({ list: null, failure: { kind: 'broken' } })
})

it('a cover is the same every time and has at most two initials', () => {
  expect(coverOf('pong', 'Pong')).toEqual(coverOf('pong', 'Pong'))
  expect(coverOf('x', 'the long Äther game').initials).toBe('TL')
  expect(coverOf('x', '!!!').initials).toBe('?')
})

it('numbers of players read as people say them', () => {
  expect(playersText({ minPlayers: 2, maxPlayers: 8 })).toBe('2 to 8 players')
  expect(playersText({ minPlayers: 2, maxPlayers: 2 })).toBe('2 players')
  expect(playersText({ minPlayers: 1, maxPlayers: 1 })).toBe('1 player')
})
