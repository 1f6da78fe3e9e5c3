// Which code rooms may share, and which would show one room what another did.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readGraph } from './module.ts'
import { isStateless } from './stateless.ts'

function stateless(server: string, others: Record<string, string> = {}): boolean {
  const files = Object.entries({ 'server.js': server, ...others })
  const code = new Map(files.map(([path, text]) => [path, Buffer.from(text)]))
  return isStateless(readGraph('server.js', code, (path) => code.has(path)))
}
const game = (name: string) => readFileSync(new URL(`../bench/games/${name}`, import.meta.url), 'utf8')

describe('rooms may share code that', () => {
  it.each([
    ['has functions only', 'export const setup = () => ({ n: 0 })\nexport function tick(state) { state.n++ }'],
    [
      'has constants',
      'const A = 1, B = A * 2, C = -A, D = Math.floor(B / 2)\nexport const tick = (s) => { s.n = A + B + C + D }',
    ],
    ['reads a table', 'const SIZE = { w: 8, h: 6 }\nexport const setup = () => ({ w: SIZE.w })'],
    [
      'reads a list at random',
      `const C = ['red', 'blue']\nexport const setup = ({ random }) => ({ c: C[Math.floor(random() * C.length)] })`,
    ],
    [
      'goes through the lines of a board',
      `const LINES = [[0, 1, 2], [3, 4, 5]]
export const actions = { move(state, player, at) { for (const [a, b, c] of LINES) if (state.cells[a] === at + b + c) state.won = a } }`,
    ],
    [
      'asks a list of lists',
      'const LINES = [[0, 1]]\nexport const tick = (s) => { s.won = LINES.some(([a, b]) => s.cells[a] === b) }',
    ],
    [
      'takes an entry and reads it',
      `const LEVELS = [{ speed: 2, size: { w: 1 } }]\nexport const tick = (s) => { const level = LEVELS[s.level]; s.x += level.speed * level.size.w }`,
    ],
    [
      'hands a list to a function of its own that reads it',
      `const W = ['a', 'b']\nfunction pick(list, at) { return list[at] }\nexport const tick = (s) => { s.word = pick(W, 1) }`,
    ],
    [
      'makes a list of numbers',
      'const RING = Array.from({ length: 8 }, (_, i) => i * 2)\nexport const tick = (s) => { s.x = RING[s.i % RING.length] }',
    ],
    [
      'takes functions out of Math',
      'const { floor, sin } = Math\nexport const tick = (s) => { s.x = floor(sin(s.t)) }',
    ],
    [
      'has a class for what a frame needs',
      'class V { constructor(x) { this.x = x } get twice() { return this.x * 2 } }\nexport const tick = (s) => { s.x = new V(s.x).twice }',
    ],
    [
      'has a pattern without a place of its own',
      'const WORD = /^[a-z]+$/\nexport const actions = { say(s, p, t) { if (WORD.test(t)) s.t = t } }',
    ],
    ['freezes its table', 'const T = Object.freeze({ a: 1 })\nexport const tick = (s) => { s.a = T.a }'],
    [
      'keeps functions in a table',
      'const MOVES = { up: (s) => { s.y-- } }\nexport const actions = { go(s, p, way) { MOVES[way](s) } }',
    ],
    [
      'lists keys',
      'const T = { a: 1 }\nexport const tick = (s) => { s.keys = Object.keys(T); for (const k in T) s[k] = T[k] }',
    ],
    [
      'copies a list of leaves',
      'const T = [1, 2]\nexport const setup = () => ({ deck: [...T], more: T.map((n) => n + 1), rest: T.slice(1) })',
    ],
  ])('%s', (_name, code) => {
    expect(stateless(code)).toBe(true)
  })

  it('imports tables and functions', () => {
    const code = `import { LEVELS, next as after } from './levels.js'\nexport const tick = (s) => { s.x = after(LEVELS[s.i].speed) }`
    expect(
      stateless(code, {
        'levels.js': 'export const LEVELS = [{ speed: 1 }]\nconst next = (n) => n + 1\nexport { next }',
      }),
    ).toBe(true)
  })

  it.each(['arena', 'board', 'crowd', 'echo'])('is a game of the benchmark: %s', (name) => {
    const rules = name === 'echo' ? {} : { 'rules.js': game(`${name}/rules.js`) }
    expect(stateless(game(`${name}/server.js`), rules)).toBe(true)
  })
})

describe('rooms may not share code that', () => {
  it.each([
    ['counts', 'let n = 0\nexport const tick = (s) => { s.n = n++ }'],
    ['assigns', 'let last\nexport const join = (s, p) => { last = p.id }'],
    ['fills a list', 'const seen = []\nexport const join = (s, p) => { seen.push(p.id) }'],
    ['writes to a table', 'const scores = {}\nexport const join = (s, p) => { scores[p.id] = 1 }'],
    ['writes deep in a table', 'const T = { a: { b: 1 } }\nexport const tick = () => { T.a.b++ }'],
    ['deletes from a table', 'const T = { a: 1 }\nexport const tick = () => { delete T.a }'],
    ['sorts a list in place', 'const T = [2, 1]\nexport const setup = () => ({ t: T.sort().join() })'],
    ['puts a table into the state', 'const START = { x: 1 }\nexport const setup = () => ({ me: START })'],
    ['puts an entry of a table into the state', 'const L = [{ hp: 3 }]\nexport const tick = (s) => { s.foe = L[0] }'],
    [
      'puts an entry into the state by another name',
      'const L = [{ hp: 3 }]\nexport const tick = (s) => { const foe = L[0]; s.foe = foe }',
    ],
    [
      'writes to an entry by another name',
      'const L = [{ hp: 3 }]\nexport const tick = (s) => { const foe = L[0]; foe.hp-- }',
    ],
    [
      'writes to an entry in a loop',
      'const L = [{ hp: 3 }]\nexport const tick = () => { for (const foe of L) foe.hp-- }',
    ],
    [
      'writes to entries in a callback',
      'const L = [{ hp: 3 }]\nexport const tick = () => { L.forEach((foe) => { foe.hp-- }) }',
    ],
    [
      'writes to the list in a callback',
      'const L = [3]\nexport const tick = () => { L.forEach((n, i, all) => { all[i] = n + 1 }) }',
    ],
    [
      'gives entries back from a callback',
      'const L = [{ hp: 3 }]\nexport const setup = () => ({ foes: L.map((foe) => foe) })',
    ],
    ['writes to what was found', 'const L = [{ hp: 3 }]\nexport const tick = () => { L.find((foe) => foe.hp).hp = 0 }'],
    [
      'hands a list to a function that changes it',
      'const W = [1]\nfunction grow(list) { list.push(1) }\nexport const tick = () => { grow(W) }',
    ],
    ['hands a list to whom it does not know', 'const W = [1]\nexport const tick = (s, room) => { room.broadcast(W) }'],
    [
      'returns a table from a function',
      'const T = [1]\nconst get = () => T\nexport const tick = () => { get().push(1) }',
    ],
    ['spreads entries', 'const L = [{ hp: 3 }]\nexport const setup = () => ({ foes: [...L] })'],
    ['destructures and writes', 'const T = { a: { n: 1 } }\nexport const tick = () => { const { a } = T; a.n++ }'],
    ['assigns over a table', 'const T = { a: 1 }\nexport const tick = (s) => { Object.assign(T, s) }'],
    ['keeps a map', 'const M = new Map()\nexport const tick = (s) => { M.set(1, s.n) }'],
    ['keeps an instance', 'class C { n = 0 }\nconst c = new C()\nexport const tick = () => { c.n++ }'],
    [
      'keeps something in a closure',
      'const next = (() => { let n = 0; return () => n++ })()\nexport const tick = (s) => { s.n = next() }',
    ],
    ['keeps something in a function', 'export function tick(s) { tick.n = s.n }'],
    ['keeps something in a function in a table', 'const F = { a() {} }\nexport const tick = () => { F.a.n = 1 }'],
    ['assigns over a function', 'const f = () => 1\nexport const tick = (s) => { Object.assign(f, s) }'],
    ['keeps something in a class', 'class C { static n = 0 }\nexport const tick = () => new C()'],
    ['keeps something in a static block', 'class C { static { } }\nexport const tick = () => new C()'],
    [
      'keeps something in a table by `this`',
      'const G = { n: 0, add() { this.n++ } }\nexport const tick = () => { G.add() }',
    ],
    [
      'has a pattern that remembers its place',
      'const P = /a/g\nexport const actions = { say(s, p, t) { s.yes = P.test(t) } }',
    ],
    ['writes to what all code has', 'export const tick = () => { Math.twice = 2 }'],
    ['writes to a prototype', 'export const tick = () => { Array.prototype.n = 2 }'],
    ['takes a prototype', 'const { prototype } = Array\nexport const tick = () => { prototype.n = 2 }'],
    ['asks for a prototype', 'export const tick = () => { Object.getPrototypeOf([]).n = 1 }'],
    ['uses globalThis', 'export const tick = () => { globalThis.n = 2 }'],
    ['uses eval', `export const tick = () => { eval('1') }`],
    ['makes functions of text', `export const tick = () => { new Function('1')() }`],
    ['makes promises', 'export const tick = (s) => { Promise.resolve().then(() => { s.n = 1 }) }'],
    ['is async', 'export const actions = { async go() {} }'],
    ['keeps something in a block', 'let f\n{ let n = 0; f = () => n++ }\nexport const tick = (s) => { s.n = f() }'],
    [
      'loops outside of functions',
      'const F = []\nfor (let i = 0; i < 3; i++) F[i] = () => i++\nexport const tick = (s) => { s.n = F[0]() }',
    ],
  ])('%s', (_name, code) => {
    expect(stateless(code)).toBe(false)
  })

  it('changes a table that it imports', () => {
    const levels = { 'levels.js': 'export const LEVELS = [{ speed: 1 }]' }
    expect(
      stateless(`import { LEVELS } from './levels.js'\nexport const tick = () => { LEVELS[0].speed++ }`, levels),
    ).toBe(false)
    expect(
      stateless(`import * as all from './levels.js'\nexport const tick = () => { all.LEVELS[0].speed++ }`, levels),
    ).toBe(false)
    expect(stateless(`export * from './levels.js'`, levels)).toBe(false)
  })
})
