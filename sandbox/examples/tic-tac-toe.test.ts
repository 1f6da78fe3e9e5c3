// The rules of tic-tac-toe.
import { beforeEach, describe, expect, it } from 'vitest'
import { load, type State, Table } from './table.ts'

describe('tic-tac-toe', () => {
  let table: Table
  let state: State
  beforeEach(async () => {
    table = new Table(await load('tic-tac-toe'))
    state = table.state
  })
  /** Two players, a fresh board, and X to move. */
  const start = () => {
    const x = table.join('Xena')
    const o = table.join('Otto')
    Object.assign(state, { board: Array(9).fill(''), turn: 'X', first: 'X', winner: null, line: null })
    const play = (squares: number[]) => squares.forEach((square, i) => void table.act(i % 2 ? o : x, 'place', square))
    return { x, o, play }
  }

  it('three in a row win and are shown', () => {
    const { play } = start()
    play([0, 3, 1, 4, 2])
    expect(state).toMatchObject({ winner: 'X', line: [0, 1, 2] })
    expect(state.seats.X.wins).toBe(1)
  })

  it('a full board without a row is a draw', () => {
    const { play } = start()
    play([0, 1, 2, 4, 3, 5, 7, 6, 8])
    expect(state).toMatchObject({ winner: 'draw', line: null })
  })

  it('a win on the last square is a win', () => {
    const { play } = start()
    play([0, 1, 2, 3, 4, 5, 7, 6, 8])
    expect(state).toMatchObject({ winner: 'X', line: [0, 4, 8] })
  })

  it.each([
    ['out of turn', 'o', 4, 'not your turn'],
    ['on a taken square', 'x', 0, 'taken'],
    ['outside the board', 'x', 9, 'nine squares'],
    ['with a text for a number', 'x', '4', 'nine squares'],
  ] as const)('a move %s is refused and changes nothing', (_what, who, square, why) => {
    const { x, o, play } = start()
    play([0, 1])
    const before = structuredClone(state)
    expect(() => table.act(who === 'x' ? x : o, 'place', square)).toThrow(why)
    expect(state).toEqual(before)
    table.act(x, 'place', 4)
    expect(state.board[4]).toBe('X')
  })

  it('after a round nobody moves until both want a rematch, which the other begins', () => {
    const { x, o, play } = start()
    expect(() => table.act(x, 'rematch')).toThrow('Finish this round')
    play([0, 3, 1, 4, 2])
    expect(() => table.act(o, 'place', 8)).toThrow('over')
    table.act(x, 'rematch')
    expect(state.winner).toBe('X')
    table.act(o, 'rematch')
    expect(state).toMatchObject({ winner: null, first: 'O', turn: 'O' })
    expect(state.board.join('')).toBe('')
  })

  it('the robot answers at once, and takes a win that is there', () => {
    const x = table.join('Xena')
    table.act(x, 'place', 4)
    expect(state.board.filter((mark: string) => mark === 'O')).toHaveLength(1)
    Object.assign(state, { board: ['O', 'O', '', 'X', 'X', '', '', '', ''], turn: 'X' })
    table.act(x, 'place', 8)
    expect(state).toMatchObject({ winner: 'O', line: [0, 1, 2] })
  })
})
