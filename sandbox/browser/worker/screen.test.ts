import { expect, it } from 'vitest'
import { type Command, MAX_COMMANDS } from '../frame.ts'
import { Screen } from './screen.ts'

it('a game that asks for more than a frame takes is told before its memory is full; what it asked for is drawn, and room comes back', () => {
  const screen = new Screen()
  const change = (color: number) => screen.do({ c: 'background', color })
  let asked = 0
  expect(() => {
    for (; asked < 1e6; asked++) change(asked)
  }).toThrow(/^Too many changes wait to be drawn: a frame takes 10000/)
  expect(asked).toBe(10 * MAX_COMMANDS)
  screen.do({ c: 'destroy', id: 1 })
  const drawn: Command[] = []
  for (let frame = 0; frame < 11; frame++) drawn.push(...Array.from(screen.take().commands))
  expect(drawn).toHaveLength(asked + 1)
  expect(drawn.at(-1)).toEqual({ c: 'destroy', id: 1 })
  change(1)
  expect(screen.take().commands).toHaveLength(1)
})
