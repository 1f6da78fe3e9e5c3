// The rules of Pong.
import { beforeEach, describe, expect, it } from 'vitest'
import { load, type State, Table } from './table.ts'

describe('pong', () => {
  let table: Table
  let state: State
  beforeEach(async () => {
    table = new Table(await load('pong'))
    state = table.state
  })
  const fly = (ball: object) => Object.assign(state.ball, { spin: 0, ...ball })
  /** Ann is left, Ben is right, and the ball is in play. */
  const start = () => {
    const ann = table.join('Ann')
    const ben = table.join('Ben')
    table.act(ben, 'serve')
    return { ann, ben }
  }

  it('the robot takes the free side, and gives it to the next player', () => {
    const ann = table.join('Ann')
    expect(state.sides.map((side: State) => side.name)).toEqual(['Ann', 'Robot'])
    state.sides[0].score = 3
    const ben = table.join('Ben')
    expect(state.sides.map((side: State) => side.id)).toEqual([ann.id, ben.id])
    expect(state.sides[0].score).toBe(0)
    table.leave(ann)
    expect(state.sides.map((side: State) => side.name)).toEqual(['Robot', 'Ben'])
  })

  it('a ball past the paddle is a point, and the one who missed it serves', () => {
    start()
    state.sides[0].y = 300
    fly({ x: 30, y: 80, vx: -10, vy: 0 })
    table.tick(6)
    expect(state.sides.map((side: State) => side.score)).toEqual([0, 1])
    expect(state).toMatchObject({ phase: 'serve', server: 0 })
    expect(state.ball.y).toBe(state.sides[0].y)
  })

  it('a ball that meets the paddle comes back faster', () => {
    start()
    fly({ x: 60, y: state.sides[0].y, vx: -10, vy: 0 })
    table.tick(4)
    expect(state.sides.map((side: State) => side.score)).toEqual([0, 0])
    expect(state.ball.vx).toBeGreaterThan(10)
    expect(state.rally).toBe(1)
  })

  it('the fastest ball cannot jump through a paddle', () => {
    for (let x = 40; x < 80; x++) {
      const each = new Table(table.game)
      each.join('Ann')
      Object.assign(each.state, { phase: 'play' })
      Object.assign(each.state.ball, { x, y: each.state.sides[0].y, vx: -20, vy: 0, spin: 0 })
      each.tick(4)
      expect(each.state.ball.vx).toBeGreaterThan(0)
    }
  })

  it('a paddle that moves as it hits makes the ball curve; one at rest does not', () => {
    const { ann } = start()
    fly({ x: 40, y: state.sides[0].y, vx: -10, vy: 0 })
    table.tick()
    expect(state.ball.spin).toBeCloseTo(0)
    table.act(ann, 'move', 1)
    fly({ x: 40, y: state.sides[0].y, vx: -10, vy: 0 })
    table.tick()
    expect(state.ball.spin).toBeLessThan(0)
  })

  it('only the server serves, and one who waits too long serves by itself', () => {
    const ann = table.join('Ann')
    const ben = table.join('Ben')
    expect(() => table.act(ann, 'serve')).toThrow('not your serve')
    expect(state.phase).toBe('serve')
    table.act(ben, 'serve')
    expect(state.phase).toBe('play')
    expect(state.ball.vx).toBeLessThan(0)
    table.tick(200)
    state.phase = 'serve'
    state.wait = 60
    table.tick(60)
    expect(state.phase).toBe('play')
  })

  it('seven points win, and a rematch starts when both want it', () => {
    const { ann, ben } = start()
    state.sides[1].score = 6
    state.sides[0].y = 300
    fly({ x: 20, y: 80, vx: -15, vy: 0 })
    table.tick(3)
    expect(state).toMatchObject({ phase: 'over', winner: 1 })
    expect(() => table.act(ann, 'rematch')).toThrow()
    table.tick(40)
    table.act(ann, 'rematch')
    expect(state.phase).toBe('over')
    table.act(ben, 'rematch')
    expect(state).toMatchObject({ phase: 'serve', server: 0, winner: null })
    expect(state.sides.map((side: State) => side.score)).toEqual([0, 0])
  })

  it('a paddle goes to where the player points, at its own speed, and not off the court', () => {
    const { ann } = start()
    table.act(ann, 'aim', -5000)
    table.tick()
    expect(state.sides[0].y).toBe(200 - 12)
    table.tick(100)
    expect(state.sides[0].y).toBe(38)
  })
})
