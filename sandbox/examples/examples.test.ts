// What holds for every example game: it is complete, keeps its state plain and small, and cannot be upset by what clients send.
import { readdirSync, readFileSync } from 'node:fs'
import { templateId } from '@sandlot/shared/contract.ts'
import { parseManifest } from '@sandlot/shared/manifest.ts'
import { describe, expect, it } from 'vitest'
import { impurity, load, seededRandom, Table } from './table.ts'

const GAMES = templateId.options
const SERVED = ['hello', 'pong', 'tic-tac-toe', 'arena', 'paint'] as const // the others are of players' browsers alone
type Name = (typeof SERVED)[number]
const folder = (name: string) => new URL(`./${name}/`, import.meta.url)
const text = (name: string, file: string) => readFileSync(new URL(file, folder(name)), 'utf8')

describe('every example', () => {
  it('is played at random below if it has a server.js', () => {
    expect(GAMES.filter((name) => readdirSync(folder(name)).includes('server.js'))).toEqual(SERVED)
  })

  it.each(GAMES.slice(1))('%s has a game.json that says its title', (name) => {
    const parsed = parseManifest(text(name, 'game.json'))
    expect(parsed.ok && parsed.manifest.title).toBeTruthy()
  })

  it('hello is two files and no more', () => {
    expect(readdirSync(folder('hello')).sort()).toEqual(['client.js', 'server.js'])
  })

  it.each(GAMES.slice(1))('%s has each image that it names, each with its size in pixels', (name) => {
    const named = [...text(name, 'client.js').matchAll(/(?:createSprite\(|addTool\(\d, )'([\w-]+)'/g)].map(
      (match) => `${match[1]}.svg`,
    )
    const images = readdirSync(new URL('assets', folder(name)))
    for (const image of named) expect(images).toContain(image)
    for (const image of images)
      expect(text(name, `assets/${image}`)).toMatch(/^<svg xmlns="[^"]+" width="\d+" height="\d+" /)
  })
})

describe('hello', () => {
  it('a move goes five pixels, whatever the client asks for', async () => {
    const table = new Table(await load('hello'))
    const ann = table.join('Ann')
    table.act(ann, 'move', { dx: 1000, dy: -1 })
    expect(table.state.players[ann.id]).toMatchObject({ x: 405, y: 295 })
  })

  it('nonsense moves only the ship of the one who sent it', async () => {
    const table = new Table(await load('hello'))
    const ann = table.join('Ann')
    const eve = table.join('Eve')
    for (const data of HOSTILE) attempt(table, eve.id, 'move', data)
    expect(table.state.players[ann.id]).toEqual({ x: 400, y: 300, name: 'Ann' })
    table.sent()
    table.act(eve, 'move', { dx: 1, dy: 1 })
    expect(impurity(table.state)).toBeUndefined()
  })
})

const HOSTILE: unknown[] = [
  ...[
    null,
    undefined,
    true,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e308,
    -1e308,
    -1,
    0.5,
    2 ** 53,
    '',
    '1',
    'x'.repeat(500),
  ],
  ...[[], [1, 2], [[]], {}, { x: 'a', y: null }, JSON.parse('{"__proto__": {"x": 1}, "constructor": 1, "length": 9}')],
]

/** What an honest client sends. */
const HONEST: Record<Name, Record<string, (random: () => number) => unknown>> = {
  hello: { move: (random) => ({ dx: random() - 0.5, dy: random() - 0.5 }) },
  pong: {
    move: (random) => Math.floor(random() * 3) - 1,
    aim: (random) => random() * 400,
    serve: () => null,
    rematch: () => null,
  },
  'tic-tac-toe': { place: (random) => Math.floor(random() * 9), rematch: () => null },
  arena: {
    steer: (random) => ({
      turn: Math.floor(random() * 3) - 1,
      thrust: random() < 0.5 ? 1 : 0,
      fire: random() < 0.7 ? 1 : 0,
      target: random() < 0.5 ? { x: random() * 640, y: random() * 600 } : null,
    }),
  },
  paint: {
    draw: (random) => ({
      color: Math.floor(random() * 9),
      size: Math.floor(random() * 3),
      begin: random() < 0.3,
      points: Array.from({ length: 8 }, () => `${Math.floor(random() * 640)},${Math.floor(random() * 480)}`).join(' '),
    }),
    cursor: (random) => ({ x: random() * 640, y: random() * 480 }),
    undo: () => null,
    clear: () => null,
  },
}
const LARGEST: Record<Name, number> = { hello: 1_000, pong: 1_000, 'tic-tac-toe': 600, arena: 20_000, paint: 600_000 }
const SEATS: Record<Name, number> = { hello: 8, pong: 2, 'tic-tac-toe': 2, arena: 8, paint: 12 }

/** Does the action; when the game refuses it, checks that the game had changed nothing before it threw. */
function attempt(table: Table, id: string, action: string, data: unknown): boolean {
  const before = JSON.stringify(table.state)
  try {
    table.act(table.players.find((player) => player.id === id)!, action, data)
    return true
  } catch {
    expect(JSON.stringify(table.state)).toBe(before)
    return false
  }
}

/** Players come, go, play and cheat for `steps` steps. Returns how often an action was taken and refused. */
function playAtRandom(name: Name, table: Table, seed: number, steps: number, check: () => void) {
  const random = seededRandom(seed)
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const count = { taken: 0, refused: 0 }
  for (let i = 0; i < steps; i++) {
    const chance = random()
    if (table.players.length === 0 || (chance < 0.02 && table.players.length < SEATS[name])) table.join(`Player ${i}`)
    else if (chance < 0.03) table.leave(pick(table.players))
    else if (chance < 0.3) table.tick()
    else {
      const [action, honest] = pick(Object.entries(HONEST[name]))
      let data = honest(random)
      if (name !== 'hello' && random() < 0.3) {
        const fields = typeof data === 'object' && data !== null ? Object.keys(data) : []
        data =
          fields.length > 0 && random() < 0.7 ? { ...(data as object), [pick(fields)]: pick(HOSTILE) } : pick(HOSTILE)
      }
      count[attempt(table, pick(table.players).id, action, data) ? 'taken' : 'refused']++
    }
    check()
  }
  return count
}

describe.each(SERVED)('%s after long random play', (name) => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))
  const again = `SEED=${seed} repeats this`

  it('has a state of plain JSON, bounded in size, whatever the clients sent', async () => {
    const table = new Table(await load(name), seed)
    const count = playAtRandom(name, table, seed, 4_000, () => {
      expect(impurity(table.state), again).toBeUndefined()
      const state = JSON.stringify(table.state)
      expect(state.length, again).toBeLessThan(LARGEST[name])
    })
    expect(JSON.stringify(table.sent()), again).toBe(JSON.stringify(table.state))
    expect(count.taken, again).toBeGreaterThan(100)
    if (name !== 'hello') expect(count.refused, again).toBeGreaterThan(0)
  })

  it('is the same again from the same seed and events', async () => {
    const game = await load(name)
    const [one, two] = [new Table(game, seed), new Table(game, seed)]
    playAtRandom(name, one, seed, 2_000, () => {})
    playAtRandom(name, two, seed, 2_000, () => {})
    expect(JSON.stringify(two.state), again).toBe(JSON.stringify(one.state))
  })
})
