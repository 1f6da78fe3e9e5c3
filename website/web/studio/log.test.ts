import { expect, it } from 'vitest'
import { type LogLine, mergeLog } from './log.ts'

const line = (at: number, text = `at ${at}`, room: string | null = null): LogLine => ({ at, room, text })

it('a line that both have is shown once, and all are in the order of their time', () => {
  const stored = [line(1), line(2), line(4)]
  const live = [line(2), line(3), line(4), line(5)]
  expect(mergeLog(stored, live).map(({ at }) => at)).toEqual([1, 2, 3, 4, 5])
  expect(mergeLog(live, stored).map(({ at }) => at)).toEqual([1, 2, 3, 4, 5])
})

it('one line said twice in a millisecond stays two, and what was said at once keeps its order', () => {
  const twice = [line(1, 'b'), line(1, 'b'), line(1, 'a')]
  expect(mergeLog([line(1, 'b')], twice).map(({ text }) => text)).toEqual(['b', 'b', 'a'])
  expect(mergeLog(twice, twice)).toBe(twice)
  expect(mergeLog([line(1, 'b', 'room')], [line(1, 'b')])).toHaveLength(2)
})

it('a half character, which the website cannot keep, makes no second line', () => {
  expect(mergeLog([line(1, 'a\ufffd')], [line(1, 'a\ud800')])).toHaveLength(1)
})

it('a machine that has started anew and knows less takes nothing away', () => {
  const known = [line(1), line(2)]
  expect(mergeLog(known, [])).toBe(known)
  expect(mergeLog(known, [line(3)])).toHaveLength(3)
})

it('the oldest of more than a thousand lines go', () => {
  const many = Array.from({ length: 1_000 }, (_, at) => line(at))
  const all = mergeLog(many, [line(1_000)])
  expect([all.length, all[0]!.at, all.at(-1)!.at]).toEqual([1_000, 1, 1_000])
})
