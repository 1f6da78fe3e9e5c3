import { expect, it } from 'vitest'
import { ThingGroup } from './group.ts'

/** A group over a list that records what is made and destroyed. */
function recorded() {
  const log: string[] = []
  const group = new ThingGroup<{ id?: string | number }, Thing>((_, key) => {
    log.push(`make ${key}`)
    return { destroy: () => log.push(`destroy ${key}`) } as unknown as Thing
  })
  const keys = () => {
    const all: string[] = []
    group.forEach((_, key) => {
      all.push(key)
    })
    return all
  }
  return { log, group, keys }
}

it('entries get a thing when they come and lose it when they leave', () => {
  const { log, group, keys } = recorded()
  const updated: string[] = []
  group.sync({ a: {}, b: {} }, (_, __, key) => updated.push(key))
  const b = group.get('b')
  group.sync({ b: {}, c: {} }, (_, __, key) => updated.push(key))
  expect(log).toEqual(['make a', 'make b', 'destroy a', 'make c'])
  expect(updated).toEqual(['a', 'b', 'b', 'c'])
  expect(group.get('b')).toBe(b)
  expect(keys()).toEqual(['b', 'c'])
})

it('items of an array go by their id, else by their place', () => {
  const { log, group, keys } = recorded()
  group.sync([{ id: 'x' }, { id: 7 }, {}])
  group.sync([{ id: 7 }, {}])
  expect(log).toEqual(['make x', 'make 7', 'make 2', 'destroy x', 'destroy 2', 'make 1'])
  expect(keys()).toEqual(['7', '1'])
})

it('clear destroys all, and a missing list is an empty one', () => {
  const { log, group } = recorded()
  group.sync({ a: {} })
  group.sync(undefined as never)
  group.sync({ b: {} })
  group.clear()
  expect(group.size).toBe(0)
  expect(log).toEqual(['make a', 'destroy a', 'make b', 'destroy b'])
})
