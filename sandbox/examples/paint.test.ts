// The rules of the shared paper.
import { beforeEach, describe, expect, it } from 'vitest'
import { load, type State, Table } from './table.ts'

describe('paint', () => {
  let table: Table
  let state: State
  beforeEach(async () => {
    table = new Table(await load('paint'))
    state = table.state
  })
  const brush = { color: 0, size: 0, begin: true }
  const strokes = () => Object.values(state.strokes) as State[]

  it('the points of one line make one stroke, which a later player sees', () => {
    const ann = table.join('Ann')
    table.act(ann, 'draw', { ...brush, points: '1,2 3,4' })
    table.act(ann, 'draw', { ...brush, points: '5,6', begin: false })
    table.join('Ben')
    expect(strokes().map((stroke) => stroke.points)).toEqual(['1,2 3,4 5,6'])
  })

  it('a long line goes on as a new stroke where the last one ended', () => {
    const ann = table.join('Ann')
    table.act(ann, 'draw', { ...brush, points: '100,100' })
    for (let x = 101; x < 160; x++) table.act(ann, 'draw', { ...brush, points: `${x},100`, begin: false })
    expect(strokes().length).toBeGreaterThan(1)
    const [first, second] = strokes()
    expect(second.points.split(' ')[0]).toBe(first.points.split(' ').at(-1))
  })

  it('undo takes back the own last line, all of it and no more', () => {
    const ann = table.join('Ann')
    const ben = table.join('Ben')
    table.act(ann, 'draw', { ...brush, points: '1,1' })
    table.act(ben, 'draw', { ...brush, points: '2,2' })
    table.act(ann, 'draw', { ...brush, points: '3,3' })
    for (let x = 100; x < 160; x++) table.act(ann, 'draw', { ...brush, points: `${x},100`, begin: false })
    table.act(ann, 'undo')
    expect(strokes().map((stroke) => stroke.points)).toEqual(['1,1', '2,2'])
    table.act(ann, 'undo')
    table.act(ann, 'undo')
    expect(strokes().map((stroke) => stroke.points)).toEqual(['2,2'])
  })

  it('the paper is cleared when more than half want it, and painting takes a vote back', () => {
    const [ann, ben, cid] = ['Ann', 'Ben', 'Cid'].map((name) => table.join(name)) as [State, State, State]
    table.act(cid, 'draw', { ...brush, points: '1,1' })
    table.act(ann, 'clear')
    table.act(ann, 'draw', { ...brush, points: '9,9' })
    table.act(ben, 'clear')
    expect(strokes()).toHaveLength(2)
    table.act(ann, 'clear')
    expect(strokes()).toHaveLength(0)
    expect(state.votes).toEqual({})
  })

  it('a vote counts anew when a player leaves', () => {
    const ann = table.join('Ann')
    const ben = table.join('Ben')
    table.act(ben, 'draw', { ...brush, points: '1,1' })
    table.act(ann, 'clear')
    expect(strokes()).toHaveLength(1)
    table.leave(ben)
    expect(strokes()).toHaveLength(0)
  })

  it('a full paper loses its oldest lines, says so, and stays below 600 KB', () => {
    const ann = table.join('Ann')
    const points = Array(30).fill('639,479').join(' ')
    for (let i = 0; i < 3000; i++) table.act(ann, 'draw', { ...brush, points, begin: i % 2 === 0 })
    expect(strokes().length).toBeLessThanOrEqual(1000)
    expect(state.faded).toBe(true)
    expect(JSON.stringify(state).length).toBeLessThan(600_000)
    expect(Object.keys(state.strokes)).toContain(String(state.nextStroke - 1))
  })

  it.each([
    ['a text that is no list of points', { points: '1,2;3,4' }],
    ['31 points', { points: Array(31).fill('1,1').join(' ') }],
    ['a brush that is not there', { points: '1,1', size: 7 }],
    ['a colour that is not there', { points: '1,1', color: 1.5 }],
  ])('%s is refused and changes nothing', (_what, data) => {
    const ann = table.join('Ann')
    const before = structuredClone(state)
    expect(() => table.act(ann, 'draw', { ...brush, ...data })).toThrow()
    expect(state).toEqual(before)
    table.act(ann, 'draw', { ...brush, points: '1,1' })
    expect(strokes()).toHaveLength(1)
  })
})
