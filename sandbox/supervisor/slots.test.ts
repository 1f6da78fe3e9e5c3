import { expect, it } from 'vitest'
import { Slots } from './slots.ts'

/** Work that ends when it is told to; `began` says in which order it started. */
function work(slots: Slots) {
  const began: string[] = []
  const running = new Map<string, () => void>()
  const ask = (name: string) =>
    slots.with(name.split(' ')[0]!, async () => {
      began.push(name)
      const { promise, resolve } = Promise.withResolvers<void>()
      running.set(name, resolve)
      await promise
    })
  const end = async (name: string) => {
    running.get(name)!()
    await new Promise(setImmediate)
  }
  return { began, ask, end }
}

it('who comes after a hundred of one creator is next, and then creators take turns', async () => {
  const { began, ask, end } = work(new Slots(1))
  const all = Array.from({ length: 100 }, (_, i) => ask(`mallory ${i}`))
  all.push(ask('ann 0'), ask('ann 1'), ask('bob 0'))
  await new Promise(setImmediate)
  for (let i = 0; i < 6; i++) await end(began[i]!)
  expect(began.slice(0, 7)).toEqual(['mallory 0', 'mallory 1', 'ann 0', 'bob 0', 'mallory 2', 'ann 1', 'mallory 3'])
  for (let i = 6; i < all.length; i++) await end(began[i]!)
  await Promise.all(all)
})

it('one creator never has all slots: another begins at once, and more than there are slots never run', async () => {
  const { began, ask, end } = work(new Slots(2))
  const all = [ask('mallory 0'), ask('mallory 1'), ask('mallory 2'), ask('ann 0'), ask('bob 0')]
  await new Promise(setImmediate)
  expect(began).toEqual(['mallory 0', 'ann 0'])
  await end('ann 0')
  expect(began).toEqual(['mallory 0', 'ann 0', 'bob 0'])
  await end('bob 0')
  expect(began).toHaveLength(3)
  for (let i = 0; i < 3; i++) await end(`mallory ${i}`)
  await Promise.all(all)
  expect(began).toHaveLength(5)
})

it('a failure frees its slot', async () => {
  const slots = new Slots(1)
  await expect(slots.with('a', async () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await slots.with('b', async () => 'yes')).toBe('yes')
})
