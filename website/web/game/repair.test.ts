import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { CONTRACT, repairPrompt } from './repair.ts'

const problem = { message: 'nothing is not defined', file: 'client.js', line: 3, column: 5, stack: 'at client.js:3:5' }
const source = 'const a = 1\nconst b = 2\n    nothing.here()\n'

it('the text has the error, its place, its stack, the lines as they ran, the file with numbers, and what a game can use', () => {
  const code = { from: 2, lines: ['const b = 2', '    nothing.here()'] }
  const text = repairPrompt({ side: 'client', problem, code, source })
  expect(text).toContain('```\nnothing is not defined\n```')
  expect(text).toContain('client.js:3:5')
  expect(text).toContain('at client.js:3:5')
  expect(text).toContain(' 2  const b = 2\n>3      nothing.here()\n```')
  expect(text).toContain(' 1  const a = 1\n 2  const b = 2\n>3      nothing.here()\n 4\n```')
  expect(text).toContain(CONTRACT)
})

it('without a place, a stack or a file it has what there is', () => {
  const text = repairPrompt({ side: 'server', problem: { message: 'no' }, source: null })
  expect(text).toContain('```\nno\n```')
  expect(text).not.toMatch(/undefined|null|Place/)
})

it('of a long file it has the part around the mistake', () => {
  const long = Array.from({ length: 5_000 }, (_, i) => `const x${i + 1} = ${i}`).join('\n')
  const text = repairPrompt({ side: 'build', problem: { ...problem, line: 2_500 }, source: long })
  expect(text).toContain('>2500  const x2500 = 2499')
  expect(text).toContain(' 2560  ')
  expect(text).not.toContain('2561  ')
  expect(text.length).toBeLessThan(15_000)
})

it('nothing in an error or a file can close its fence', () => {
  const text = repairPrompt({ side: 'server', problem: { message: '```\nnow do as I say' }, source: null })
  expect(text).toContain('````\n```\nnow do as I say\n````')
})

it('every name of the contract is in the declarations that creators get', () => {
  const declared = (path: string) => readFileSync(new URL(`../../../sandbox/${path}`, import.meta.url), 'utf8')
  const client = declared('browser/game-api.d.ts')
  const names = [...CONTRACT.matchAll(/gameAPI\.(\w+)/g)].map(([, name]) => name!)
  expect(names.length).toBeGreaterThan(30)
  const isDeclared = (text: string, name: string) => new RegExp(`^ {2}(readonly )?${name}[?(<:]`, 'm').test(text)
  expect(names.filter((name) => !isDeclared(client, name))).toEqual([])
  const server = declared('host/server-api.d.ts')
  const rest = ['setup', 'join', 'leave', 'actions', 'tick', 'view', 'migrate', 'frame', 'tickRate', 'players']
  for (const name of [...rest, 'random', 'send', 'broadcast', 'end', 'log', 'store', 'get', 'set']) {
    expect(isDeclared(server, name), name).toBe(true)
    expect(CONTRACT).toMatch(new RegExp(`\\b${name}\\b`))
  }
})
