// The rules of the arena.
import { beforeEach, describe, expect, it } from 'vitest'
import { load, type State, Table } from './table.ts'

describe('arena', () => {
  let table: Table
  let state: State
  beforeEach(async () => {
    table = new Table(await load('arena'))
    state = table.state
    state.rocks = []
  })
  /** Ann at the left looks at Ben, both without a shield, and two more so that no bot comes. */
  const duel = () => {
    const [ann, ben] = ['Ann', 'Ben', 'Cid', 'Dee'].map((name) => table.join(name)) as [State, State]
    Object.values(state.ships).forEach((ship: State, i) => {
      Object.assign(ship, { x: 100 + 100 * (i % 2), y: i < 2 ? 300 : 550, angle: 0, shield: 0 })
    })
    return { ann, ben, shoot: () => table.act(ann, 'steer', { fire: 1 }) }
  }

  it('a bullet hits another ship, never the one that fired it', () => {
    const { ann, ben, shoot } = duel()
    shoot()
    table.tick(8)
    expect(state.ships[ben.id].hp).toBeLessThan(3)
    expect(state.ships[ann.id].hp).toBe(3)
  })

  it('a shield stops bullets, and shooting takes the own shield away', () => {
    const { ann, ben, shoot } = duel()
    state.ships[ann.id].shield = 40
    state.ships[ben.id].shield = 40
    shoot()
    table.tick(8)
    expect(state.ships[ben.id].hp).toBe(3)
    expect(state.ships[ann.id].shield).toBe(0)
  })

  it('a rock stops bullets', () => {
    const { ben, shoot } = duel()
    state.rocks = [{ x: 150, y: 300, radius: 20, vx: 0, vy: 0 }]
    shoot()
    table.tick(8)
    expect(state.ships[ben.id].hp).toBe(3)
  })

  it('a ship without hit points gives its hunter a point and comes back whole after two seconds', () => {
    const { ann, ben, shoot } = duel()
    state.ships[ben.id].hp = 1
    shoot()
    table.tick(8)
    table.act(ann, 'steer', {})
    expect(state.ships[ann.id].score).toBe(1)
    expect(state.ships[ben.id].respawn).toBeGreaterThan(0)
    table.tick(40)
    expect(state.ships[ben.id]).toMatchObject({ hp: 3, respawn: 0, score: 0 })
    expect(state.ships[ben.id].shield).toBeGreaterThan(0)
  })

  it('a ship that comes back still obeys the keys that were held all the time', () => {
    const { ann, ben, shoot } = duel()
    table.act(ben, 'steer', { turn: 1 })
    state.ships[ben.id].hp = 1
    shoot()
    table.tick(8)
    table.act(ann, 'steer', {})
    table.tick(40)
    const { angle } = state.ships[ben.id]
    table.tick(5)
    expect(state.ships[ben.id].angle).toBeGreaterThan(angle)
  })

  it('a finger on the screen turns and drives the ship there', () => {
    const { ann } = duel()
    table.act(ann, 'steer', { target: { x: 100, y: 100 } })
    table.tick(40)
    expect(Math.abs(state.ships[ann.id].x - 100)).toBeLessThan(60)
    expect(state.ships[ann.id].y).toBeLessThan(220)
  })

  it('bots keep one player company and leave when there are enough', () => {
    const bots = () => Object.values(state.ships).filter((ship: State) => ship.bot).length
    const joins = ['Ann', 'Ben', 'Cid'].map((name) => {
      const player = table.join(name)
      table.tick()
      return { player, bots: bots() }
    })
    expect(joins.map((each) => each.bots)).toEqual([2, 1, 0])
    table.leave(joins[0]!.player)
    table.tick()
    expect(bots()).toBe(1)
  })

  it('bots hit a ship that stands still', () => {
    const ann = table.join('Ann')
    let hits = 0
    for (let i = 0; i < 1200; i++) {
      table.tick()
      if (state.ships[ann.id].hp < 3) hits++
    }
    expect(hits).toBeGreaterThan(0)
  })

  it('after 90 seconds most points win, the score is kept in the store, and a new round starts at zero', () => {
    const { ann } = duel()
    state.ships[ann.id].score = 4
    table.tick(90 * 20)
    expect(state).toMatchObject({ phase: 'break', winner: { name: 'Ann', score: 4 }, bullets: [] })
    expect(table.store.get('best')).toEqual([{ name: 'Ann', score: 4 }])
    table.tick(8 * 20)
    expect(state).toMatchObject({ phase: 'play', winner: null })
    expect(state.ships[ann.id].score).toBe(0)
    const later = new Table(table.game, 2, table.store)
    later.join('Zoe')
    expect(later.state.best).toEqual([{ name: 'Ann', score: 4 }])
  })

  it('the list of the best has five entries, the highest first', () => {
    for (let round = 1; round <= 7; round++) {
      const room = new Table(table.game, round, table.store)
      const player = room.join(`P${round}`)
      room.state.ships[player.id].score = round * 100
      room.tick(90 * 20)
    }
    const best = table.store.get('best') as State[]
    expect(best.map((entry) => Math.floor(entry.score / 100))).toEqual([7, 6, 5, 4, 3])
  })
})
