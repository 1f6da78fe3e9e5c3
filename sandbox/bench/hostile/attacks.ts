// The attacks, each as a game that is an honest arena until the room is told to attack.
import { readFileSync } from 'node:fs'

const ARENA = new URL('../games/arena/', import.meta.url)

export interface Attack {
  name: string
  /** What a tick of the hostile room runs once it was told to; for attacks of the game's code. */
  tick?: string
  /** What `setup` runs in every room but that of the build's own trial. */
  setup?: string
  /** What a player of the room does; for attacks of a player. */
  player?: 'flood' | 'frame'
  /** How it is to end: the hostile room or its game is over, the hostile player is, or its creator is told while limits hold. */
  ends: 'room' | 'player' | 'told'
}

export const ATTACKS: Attack[] = [
  { name: 'endless loop', tick: 'for (;;);', ends: 'room' },
  { name: 'throw in tick', tick: "throw new Error('thrown by the attack')", ends: 'told' },
  { name: 'string spread', tick: "const s = 'x'.repeat(2 ** 20), all = []; for (;;) all.push([...s])", ends: 'room' },
  { name: 'typed arrays', tick: 'const all = []; for (;;) all.push(new Uint8Array(2 ** 24).fill(1))', ends: 'told' },
  {
    name: 'resizable buffers',
    tick: `const all = []
      for (let size = 2 ** 26; ; ) {
        const buffer = new ArrayBuffer(1, { maxByteLength: size })
        buffer.resize(size)
        all.push(new Uint8Array(buffer).fill(1))
      }`,
    ends: 'told',
  },
  { name: 'array fill', tick: 'new Array(1e8).fill(0)', ends: 'room' },
  { name: 'uninterruptible built-in', tick: '[].includes.call({ length: 2 ** 53 - 1 }, 1)', ends: 'room' },
  { name: 'state of 5 MB', tick: "state.big = 'x'.repeat(5e6)", ends: 'told' },
  { name: 'log flood', tick: "for (let i = 0; i < 1e4; i++) room.log('x'.repeat(1000))", ends: 'told' },
  { name: 'client flood', player: 'flood', ends: 'player' },
  { name: 'frame of 1 MB', player: 'frame', ends: 'player' },
  { name: 'crash at start', setup: '[].includes.call({ length: 2 ** 53 - 1 }, 1)', ends: 'room' },
]

const read = (name: string) => readFileSync(new URL(name, ARENA), 'utf8')

/** The honest game. */
export const honestFiles = (): Record<string, string> => ({
  'game.json': read('game.json'),
  'client.js': read('client.js'),
  'rules.js': read('rules.js'),
  'server.js': read('server.js'),
})

/** The same game, with the attack in it. The build tries a game at the beginning of time; a real room starts later. */
export function hostileFiles({ tick = '', setup = '' }: Attack): Record<string, string> {
  const server = read('server.js')
    .replace('export const tick = (state, room) => {', `$&\n  if (state.attacked) {\n    ${tick}\n  }`)
    .replace('export const actions = {', '$&\n  attack(state) {\n    state.attacked = true\n  },')
    .replace('export const setup = () => ({', `export const setup = () => (attackAtStart(), {`)
  return {
    ...honestFiles(),
    'server.js': `${server}\nfunction attackAtStart() {\n  if (Date.now() < 1e9) return\n  ${setup}\n}\n`,
  }
}
