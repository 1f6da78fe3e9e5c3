// What becomes a build and what does not. Builds are made in the real child process; refusals are read here, and some of them there too.
import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CodeProblem } from '@sandlot/shared/protocol/messages.ts'
import { afterAll, describe, expect, it } from 'vitest'
import { readBuild } from '../host/build.ts'
import { CLIENT, type Files, gameFolder, temporaryFolder } from '../testing/folder.ts'
import { Builder, type BuildResult } from './builder.ts'
import { compile } from './compile.ts'
import { BuildError } from './problem.ts'
import { readFolder } from './source.ts'
import { tryOut } from './trial.ts'

const out = temporaryFolder()
const builder = new Builder({ out: out.path, limits: { cpuMs: 2_000 } })
afterAll(async () => {
  await builder[Symbol.asyncDispose]()
  expect(readdirSync(out.path).filter((name) => name.startsWith('.draft'))).toEqual([])
  out[Symbol.dispose]()
})

const SERVER = 'export const setup = () => ({ n: 0 })\n'
async function build(files: Files, prepare?: (folder: string) => void): Promise<BuildResult> {
  using folder = gameFolder(files)
  prepare?.(folder.path)
  return await builder.build(folder.path)
}
/** Why the files become no build, as builder and process find it: without the process, which takes most of the time. */
async function problem(files: Files, prepare?: (folder: string) => void): Promise<CodeProblem> {
  using folder = gameFolder(files)
  prepare?.(folder.path)
  try {
    const all = await readFolder(folder.path)
    tryOut(compile({ paths: new Set(all.keys()), code: all }))
  } catch (error) {
    if (error instanceof BuildError) return error.problem
    throw error
  }
  throw new Error('this build should have been refused')
}

describe('a build', () => {
  it('is named by its content: the same files give the same build, another byte another', async () => {
    const one = await build({ 'server.js': SERVER })
    const same = await build({ 'server.js': SERVER })
    const other = await build({ 'server.js': `${SERVER} ` })
    expect(one).toMatchObject({ ok: true, build: expect.stringMatching(/^[0-9a-f]{32}$/) })
    expect(same).toEqual(one)
    expect(other).not.toEqual(one)
  })

  it('holds what server and client import, and its assets; a browser may fetch only client code and assets', async () => {
    const result = await build({
      'server.ts': "import { limit } from './rules/limit.ts'\nexport const setup = () => ({ limit })",
      'rules/limit.ts': 'export const limit: number = 3',
      'client.js': "import './lib/draw.js'",
      'lib/draw.js': '',
      'unused.js': 'this is ( not even JavaScript',
      'assets/ship.svg': '<svg/>',
      'assets/ui/click.mp3': 'x',
      'assets/notes.exe': 'x',
      '.secret': 'x',
      'game.json': '{"title":"Ships","tickRate":10}',
    })
    if (!result.ok) throw new Error(result.problem.message)
    const { publicFiles, client, server, manifest } = readBuild(result.dir)
    expect([...publicFiles.keys()].sort()).toEqual([
      'assets/ship.svg',
      'assets/ui/click.mp3',
      'client.js',
      'client.js.map',
      'lib/draw.js',
      'lib/draw.js.map',
    ])
    expect(client.images).toEqual({ ship: `build/${result.build}/assets/ship.svg` })
    expect(client.sounds).toEqual({ 'ui/click': `build/${result.build}/assets/ui/click.mp3` })
    expect([...server.sources.keys()].sort()).toEqual(['rules/limit.ts', 'server.ts'])
    expect(manifest).toMatchObject({ title: 'Ships', tickRate: 10, players: { min: 1, max: 8 } })
  })
})

it('client code has guards and server code has none; names of all kinds can be imported', async () => {
  const rules =
    "export * as all from './more.js'; export * from './more.js'; export class A {} export { x as 'y z' }; let x"
  const result = await build({
    'server.js': `import { n } from './more.js'\nexport const setup = () => { for (let i = n; i < 3; i++); return {} }`,
    'client.js': "import './draw.ts'",
    'draw.ts':
      "import * as all from './rules.js'\nimport d, { A, n, all as more, 'y z' as x } from './rules.js'\nwhile (n as number);",
    'rules.js': `${rules}\nexport default 1`,
    'more.js': 'export let n = 0\nwhile (n);',
  })
  if (!result.ok) throw new Error(result.problem.message)
  const { publicFiles, server } = readBuild(result.dir)
  const served = (path: string) => readFileSync(publicFiles.get(path)!.file, 'utf8')
  expect(server.sources.get('more.js')).toBe('export let n = 0\nwhile (n);')
  expect(served('more.js')).toMatch(
    /\nwhile \(n\)\{--\$n>0.*"more\.js:2".*;\}\n\/\/# sourceMappingURL=more\.js\.map\n$/,
  )
  expect(served('draw.ts')).toMatch(/\nwhile \(n {10}\)\{/)
  expect(JSON.parse(served('draw.ts.map'))).toMatchObject({
    sources: ['draw.ts'],
    sourcesContent: [expect.stringContaining('n as number')],
  })
})

describe('[SV2] a build is refused with file, line and reason:', () => {
  const cases: [string, Files, object][] = [
    [
      'a syntax error',
      { 'server.js': 'export const a = 1\nexport const b = = 2' },
      { file: 'server.js', line: 2, column: 18, message: 'SyntaxError: Unexpected token' },
    ],
    [
      'a syntax error in the client',
      { 'server.js': SERVER, 'client.js': 'let a\nlet a' },
      { file: 'client.js', line: 2, column: 5, message: expect.stringMatching(/already been declared/) },
    ],
    ['a syntax error in TypeScript', { 'server.ts': 'let a: number = 1\nlet b: = 2' }, { file: 'server.ts', line: 2 }],
    [
      'TypeScript that is more than types',
      { 'server.ts': `${SERVER}enum A { b }` },
      { file: 'server.ts', line: 2, message: expect.stringMatching(/enum is not supported/) },
    ],
    [
      'a throw while loading',
      { 'server.js': '\nthrow new Error("no luck")' },
      { file: 'server.js', line: 2, message: 'Error: no luck' },
    ],
    [
      'a throw in setup',
      { 'server.js': 'export const setup = () => {\n  undefined.x\n}' },
      { file: 'server.js', line: 2, column: 13 },
    ],
    [
      'a throw when the first player joins',
      { 'server.js': `${SERVER}export const join = () => { throw new Error("who?") }` },
      { file: 'server.js', line: 2, message: 'who?' },
    ],
    [
      'a throw in tick',
      { 'server.js': `${SERVER}export const tick = (state) => state.a.b` },
      { file: 'server.js', line: 2 },
    ],
    [
      'a loop while loading',
      { 'server.js': 'for (;;);' },
      { message: 'server.js ran longer than 500 ms and was stopped' },
    ],
    [
      'a state that is no object',
      { 'server.js': 'export const setup = () => 3' },
      { message: expect.stringMatching(/must return the room's state as an object/) },
    ],
    [
      'an async setup',
      { 'server.js': 'export const setup = async () => ({})' },
      { message: expect.stringMatching(/Promise|async/) },
    ],
    [
      'an export that is no function',
      { 'server.js': `${SERVER}export const tick = 20` },
      { message: expect.stringMatching(/exports "tick", but it is not a function/) },
    ],
    [
      'nothing exported',
      { 'server.js': 'const setup = () => ({})' },
      { message: expect.stringMatching(/exports nothing that a game uses: write "export const setup/) },
    ],
    [
      'only a default export',
      { 'server.js': 'export default { setup() {} }' },
      { message: expect.stringMatching(/a default export is not looked at/) },
    ],
    [
      'an action that is no function',
      { 'server.js': `${SERVER}export const actions = { move: 5 }` },
      { message: expect.stringMatching(/actions\.move in server\.js is not a function/) },
    ],
    [
      'an import from outside',
      { 'server.js': "import fs from 'node:fs'" },
      { file: 'server.js', line: 1, message: expect.stringMatching(/imports only its own files/) },
    ],
    [
      'an import of nothing',
      { 'server.js': "\nimport './rules'" },
      { file: 'server.js', line: 2, message: expect.stringMatching(/no file "rules"/) },
    ],
    [
      'an import above the folder',
      { 'server.js': "import '../other/server.js'" },
      { message: expect.stringMatching(/outside the game's folder/) },
    ],
    [
      'an import of a name that is not there',
      {
        'server.js': SERVER,
        'client.js': "import { a,\n  speed } from './rules.js'",
        'rules.js': "export * from './more.js'\nexport const { b: [a] } = { b: [1] }",
        'more.js': 'export default 1\nexport function sped() {}',
      },
      { file: 'client.js', line: 2, column: 3, message: 'rules.js has no export "speed"; it exports a, sped' },
    ],
    [
      'an import of a default that is not there',
      { 'server.js': SERVER, 'client.js': "import rules from './server.js'" },
      { file: 'client.js', line: 1, column: 8, message: 'server.js has no default export; it exports setup' },
    ],
    [
      'an import of what is no code',
      { 'server.js': SERVER, 'client.js': "import './assets/a.json'", 'assets/a.json': '{}' },
      { file: 'client.js', column: 8, message: expect.stringMatching(/only JavaScript and TypeScript files/) },
    ],
    [
      'an import while the game runs',
      { 'server.js': SERVER, 'client.js': "const f = () =>\n  import('./server.js')" },
      { file: 'client.js', line: 2, column: 3, message: expect.stringMatching(/import\(\) does not work in a game/) },
    ],
    [
      'broken JSON in game.json',
      { 'server.js': SERVER, 'game.json': '{\n  "title": "x",\n}' },
      { file: 'game.json', line: 3, message: expect.stringMatching(/not valid JSON/) },
    ],
    [
      'a wrong field in game.json',
      { 'server.js': SERVER, 'game.json': '{"tickRate":"fast"}' },
      { file: 'game.json', message: expect.stringMatching(/"tickRate"/) },
    ],
    [
      'two servers',
      { 'server.js': SERVER, 'server.ts': SERVER },
      { message: expect.stringMatching(/both a server.js and a server.ts/) },
    ],
    [
      'a file over 5 MiB',
      { 'server.js': SERVER, 'assets/big.png': Buffer.alloc(50_000_000) },
      { file: 'assets/big.png', message: expect.stringMatching(/has 47\.7 MiB; the limit .* is 5\.0 MiB/) },
    ],
    [
      'bytes that are no text',
      { 'server.js': Buffer.from([0xff, 0xfe, 0x00]) },
      { file: 'server.js', message: expect.stringMatching(/not UTF-8/) },
    ],
  ]
  for (const [what, files, expected] of cases) {
    it(what, async () => {
      expect(await problem(files)).toMatchObject(expected)
    })
  }

  it.each([cases[0]!, cases[5]!, cases[8]!])('%s, in the child process too', async (_what, files, expected) => {
    expect(await build(files)).toMatchObject({ ok: false, problem: expected })
  })

  describe.concurrent('what can be stopped only with its process:', () => {
    it.each<[string, Files, object]>([
      [
        'a loop in setup that timeouts cannot stop',
        { 'server.js': 'export const setup = () => { Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1) }' },
        { message: expect.stringMatching(/stopped|interrupted/) },
      ],
      [
        'memory without end',
        { 'server.js': 'const a = []; for (;;) a.push(new Array(1000).fill({}))' },
        { message: expect.stringMatching(/stopped|interrupted/) },
      ],
    ])('%s', async (_what, files, expected) => {
      expect(await build(files)).toMatchObject({ ok: false, problem: expected })
    })
  })

  it('a missing client; without server.js a game builds', async () => {
    using folder = temporaryFolder()
    writeFileSync(join(folder.path, 'server.js'), SERVER)
    expect(await builder.build(folder.path)).toMatchObject({
      ok: false,
      problem: { file: 'client.js', message: expect.stringMatching(/^client.js is missing/) },
    })
    writeFileSync(join(folder.path, 'client.js'), CLIENT)
    expect(await builder.build(folder.path)).toMatchObject({ ok: true })
    rmSync(join(folder.path, 'server.js'))
    expect(await builder.build(folder.path)).toMatchObject({ ok: true })
  })

  it('a link, even to a file of the game', async () => {
    const link = (target: string) => (folder: string) => symlinkSync(target, join(folder, 'client.js'))
    using folder = temporaryFolder()
    writeFileSync(join(folder.path, 'server.js'), SERVER)
    link('/etc/passwd')(folder.path)
    const result = await builder.build(folder.path)
    expect(result).toMatchObject({
      ok: false,
      problem: { file: 'client.js', message: expect.stringMatching(/is a link; links are not followed/) },
    })
    const inside = (path: string) => symlinkSync('server.js', join(path, 'more.js'))
    expect(await problem({ 'server.js': SERVER }, inside)).toMatchObject({ file: 'more.js' })
  })

  it('a folder that is gone', async () => {
    expect(await builder.build('/nowhere/at/all')).toMatchObject({
      ok: false,
      problem: { message: expect.stringMatching(/cannot be read \(ENOENT\)/) },
    })
  })
})
