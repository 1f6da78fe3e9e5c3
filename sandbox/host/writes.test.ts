import type { Json } from '@sandlot/shared/protocol/messages.ts'
import { describe, expect, it } from 'vitest'
import { Writes } from './writes.ts'

describe('[SV5] what a game writes to its store', () => {
  function written() {
    const sent: [string, Json][] = []
    return { sent, writes: new Writes((name, value) => sent.push([name, value])) }
  }

  it('goes out at once and in order', () => {
    const { sent, writes } = written()
    for (let i = 0; i < 100; i++) writes.set(`n${i % 3}`, i, 0)
    expect(sent.map(([, value]) => value)).toEqual(Array.from({ length: 100 }, (_, i) => i))
  })

  it('goes out more slowly past its rate: the last value of each name, none forgotten', () => {
    const { sent, writes } = written()
    const text = 'x'.repeat(20_000)
    for (let frame = 0; frame < 1_000; frame++)
      for (const name of ['a', 'b', 'c']) writes.set(name, `${text}${frame}`, frame * 100)
    const bytes = sent.length * 20_000
    expect(bytes).toBeLessThan(120 * 64 * 1024) // 100 s of it, and what a quiet game has saved
    expect(bytes).toBeGreaterThan(90 * 64 * 1024)
    writes.flush(200_000)
    for (const name of ['a', 'b', 'c']) expect(sent.findLast(([other]) => other === name)).toEqual([name, `${text}999`])
    const before = sent.length
    writes.flush(300_000)
    expect(sent).toHaveLength(before)
  })

  it('goes out more slowly when there are very many names: none forgotten, and what was taken away meanwhile as that', () => {
    const { sent, writes } = written()
    for (let i = 0; i < 10_000; i++) writes.set(`n${i % 5_000}`, i < 5_000 ? i : null, 0)
    expect(sent).toHaveLength(2_000)
    for (let second = 1; second <= 100; second++) writes.flush(second * 1_000)
    expect(sent).toHaveLength(2_500)
    writes.end()
    const last = new Map(sent)
    expect(last.size).toBe(5_000)
    expect([...last.values()].every((value) => value === null)).toBe(true)
  })

  it('goes out when the game stops', () => {
    const { sent, writes } = written()
    for (let i = 0; i < 100; i++) writes.set('a', `${'x'.repeat(50_000)}${i}`, 0)
    expect(sent.length).toBeLessThan(100)
    writes.end()
    expect(sent.at(-1)).toEqual(['a', `${'x'.repeat(50_000)}99`])
  })
})
