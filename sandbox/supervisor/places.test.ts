import { expect, it } from 'vitest'
import { type Contender, type Demand, Places } from './places.ts'

/** Games named `CREATOR-NUMBER`, with rooms unless they are idle. */
function node(max: number) {
  const places = new Places(max, (game) => game.split('-')[0]!)
  const idle = new Map<string, number>()
  const stopped: string[] = []
  const held = new Map<string, () => void>()
  const game = (id: string): Contender => ({
    id,
    idleSinceMs: () => idle.get(id),
    stop: async () => void stopped.push(id),
  })
  const take = (id: string, demand: Demand = 'room') => {
    const place = places.take(game(id), demand)
    if (place.ok) held.set(id, place.leave)
    return place.ok ? 'runs' : place.reason
  }
  return { take, idle, stopped, leave: (id: string) => held.get(id)!() }
}

it('so many games run and no more; one that ends makes room', () => {
  const { take, stopped, leave } = node(4)
  expect(['ann-1', 'ann-2', 'bob-1', 'cleo-1'].map((id) => take(id))).toEqual(Array(4).fill('runs'))
  expect(take('eve-1')).toBe('node-full')
  leave('bob-1')
  expect(take('eve-1')).toBe('runs')
  expect(stopped).toEqual([])
})

it('the game that was idle longest gives way, once, and none that has rooms', () => {
  const { take, idle, stopped, leave } = node(4)
  for (const id of ['ann-1', 'ann-2', 'bob-1', 'cleo-1']) take(id)
  idle.set('ann-2', 2_000).set('bob-1', 1_000)
  expect(take('eve-1')).toBe('runs')
  expect(stopped).toEqual(['bob-1'])
  leave('bob-1') // its process is gone: that makes no second place
  expect(take('eve-2')).toBe('runs')
  expect(stopped).toEqual(['bob-1', 'ann-2'])
  expect(take('fay-1')).toBe('node-full')
})

it('one creator has at most half of the places, whatever stands empty; then a game of their own gives way, never that of another', () => {
  const { take, idle, stopped } = node(20)
  const answers = Array.from({ length: 15 }, (_, i) => take(`mallory-${i}`))
  expect(answers).toEqual([...Array(10).fill('runs'), ...Array(5).fill('creator-full')])
  take('ann-1')
  idle.set('ann-1', 1)
  expect(take('mallory-20')).toBe('creator-full')
  idle.set('mallory-3', 2)
  expect(take('mallory-20')).toBe('runs')
  expect(stopped).toEqual(['mallory-3'])
})

it('the last quarter of the places is for creators none of whose games runs; another game of the rest starts only where one gives way', () => {
  const { take, idle, stopped } = node(32)
  const many = (creator: string) => Array.from({ length: 16 }, (_, i) => take(`${creator}-${i}`))
  expect(many('ann')).toEqual(Array(16).fill('runs'))
  expect(many('bob')).toEqual([...Array(8).fill('runs'), ...Array(8).fill('node-full')])
  for (let i = 0; i < 7; i++) expect(take(`creator${i}-1`)).toBe('runs')
  expect(take('creator0-2')).toBe('node-full')
  idle.set('ann-3', 1)
  expect(take('creator0-2')).toBe('runs')
  expect(stopped).toEqual(['ann-3'])
  expect(take('cleo-1')).toBe('runs')
  expect(take('dan-1')).toBe('node-full')
})

it('opened pages start games up to half of the places and stop none, however many they are', () => {
  const { take, idle, stopped } = node(10)
  for (let i = 0; i < 100; i++) {
    take(`creator${i}-1`, 'page')
    idle.set(`creator${i}-1`, i)
  }
  expect(take('ann-1', 'page')).toBe('node-full')
  for (let i = 0; i < 5; i++) expect(take(`honest${i}-1`)).toBe('runs')
  expect(stopped).toEqual([])
  expect(take('bob-1')).toBe('runs')
  expect(stopped).toEqual(['creator0-1'])
})

it('a node with one place still runs one game', () => {
  const { take } = node(1)
  expect(take('ann-1', 'page')).toBe('runs')
  expect(take('bob-1')).toBe('node-full')
})
