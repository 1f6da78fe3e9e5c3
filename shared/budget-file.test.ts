import { describe, expect, it } from 'vitest'
import { readBudgets } from './budget-file.ts'
import { DEFAULT_BUDGETS } from './budgets.ts'

describe('the file of budgets', () => {
  it('changes what it names, for all games or for one; the rest keeps its default', () => {
    const budgets = readBudgets('{"default": {"rooms": 50, "players": 60}, "games": {"pong": {"rooms": 9}}}')
    expect(budgets('pong')).toEqual({ ...DEFAULT_BUDGETS, players: 60, rooms: 9 })
    expect(budgets('other')).toEqual({ ...DEFAULT_BUDGETS, players: 60, rooms: 50 })
    expect(readBudgets('{"default": {"rooms": 500}}')('pong').rooms).toBe(500)
    expect(readBudgets('{}')('pong')).toEqual(DEFAULT_BUDGETS)
  })

  it.each([
    ['{"default": {"romos": 5}}', /romos/],
    ['{"default": {"rooms": 0}}', /default\.rooms/],
    ['{"games": {"pong": {"rooms": 501}}}', /games\.pong\.rooms/],
    ['{"games": {"pong": {"rooms": "many"}}}', /games\.pong\.rooms/],
    ['{"default": {"frameMs": 5000}}', /default\.frameMs/],
    ['{"default": ', /is not JSON/],
  ])('with %s is refused by the name of what is wrong', (text, message) => {
    expect(() => readBudgets(text)).toThrow(message)
  })
})
