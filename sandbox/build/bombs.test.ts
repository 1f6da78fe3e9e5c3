// Sources that are meant to hurt whoever reads them, through the real build child: each costs its own build and says why.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BUILD_MEMORY_MIB, ISOLATE_MEMORY_MIB, LOAD_TIMEOUT_MS, MAX_GAME_FILES } from '@sandlot/shared/limits.ts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Files, gameFolder, temporaryFolder } from '../testing/folder.ts'
import { until } from '../testing/until.ts'
import { Builder, sweepDrafts } from './builder.ts'

vi.setConfig({ maxConcurrency: 4 }) // most of a build is waiting for the start of its child
const GOOD = 'export const setup = () => ({})\n'
const out = temporaryFolder()
let builder: Builder

beforeAll(() => {
  builder = new Builder({ out: out.path, limits: { cpuMs: 2_000 } })
})
afterAll(async () => {
  await builder[Symbol.asyncDispose]()
  out[Symbol.dispose]()
})

async function build(files: Files) {
  using folder = gameFolder(files)
  return await builder.build(folder.path)
}
const message = async (files: Files) => {
  const built = await build(files)
  return built.ok ? 'built' : built.problem.message
}
const times = (count: number, text: (i: number) => string) => Array.from({ length: count }, (_, i) => text(i)).join('')

/** Process ids of the children of a process. */
const children = (parent: number): number[] =>
  readdirSync(`/proc/${parent}/task`)
    .flatMap((task) => readFileSync(`/proc/${parent}/task/${task}/children`, 'utf8').split(' '))
    .filter(Boolean)
    .map(Number)
/** What a process has in memory; 0 when it is gone. */
const rssMiB = (pid: number): number => {
  try {
    return (Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096) / 2 ** 20
  } catch {
    return 0
  }
}
/** Whether a room of a build that goes to `folder` is started now. */
const isTrying = (folder: string): boolean =>
  readdirSync(folder).some((name) => name.startsWith('.draft-') && existsSync(join(folder, name, 'build.json')))

describe.concurrent('a source that is', () => {
  it.each<[string, Files, string | RegExp]>([
    ['50 MB long is refused by its size', { 'server.js': Buffer.alloc(50 * 2 ** 20, ' ') }, /server\.js has 50\.0 MiB/],
    ['nested 500,000 parentheses deep', { 'server.js': `${'('.repeat(5e5)}1${')'.repeat(5e5)}` }, /stack|deeply/],
    [
      'nested as deep in TypeScript',
      { 'server.ts': `${'('.repeat(5e5)}1${')'.repeat(5e5)}` },
      /deep|stack|memory|stopped/,
    ],
    ['100,000 classes', { 'server.js': times(100_000, () => '(class{});') + GOOD }, /./],
    ['a giant regular expression', { 'server.js': `/${'('.repeat(250_000)}${')'.repeat(250_000)}/\n${GOOD}` }, /./],
    ['not UTF-8', { 'server.js': Buffer.from([0x2f, 0x2f, 0xff, 0xfe]) }, 'server.js is not UTF-8 text'],
    ['a template in an import', { 'server.js': `import '${'x'.repeat(500_000)}'\n` }, /^Cannot import "x+/],
    [
      'a name of 60,000 characters in game.json',
      { 'server.js': GOOD, 'game.json': `{"${'x'.repeat(60_000)}":1}` },
      /game\.json/,
    ],
    ['a game.json of 10 MB', { 'server.js': GOOD, 'game.json': ' '.repeat(10e6) }, /game\.json has 9\.5 MiB/],
    ['a game.json with __proto__', { 'server.js': GOOD, 'game.json': '{"__proto__":{"title":"x"}}' }, /game\.json/],
    ['a game.json nested 30,000 deep', { 'server.js': GOOD, 'game.json': '['.repeat(30_000) }, /game\.json/],
    [
      'more modules than a game may have files',
      { 'server.js': GOOD, ...Object.fromEntries(Array.from({ length: MAX_GAME_FILES }, (_, i) => [`m${i}.js`, ''])) },
      /one too many: a game may have 500 files/,
    ],
    ['an import of what is outside', { 'server.js': "import '../../../etc/passwd.js'" }, /outside the game's folder/],
    ['an import of a module of Node', { 'server.js': "import 'node:fs'" }, /only its own files/],
    ['a throw of a giant message', { 'server.js': "throw new Error('x'.repeat(5e6))" }, /./],
  ])('%s', async (_what, files, sentence) => {
    const said = await message(files)
    expect(said).toMatch(sentence)
    expect(said.length).toBeLessThanOrEqual(2_000)
    expect(said).not.toMatch('without a result')
  })

  it.each<[string, Files]>([
    ['empty besides its rules, with a byte order mark', { 'server.js': `\ufeff${GOOD}` }],
    [
      'separated by U+2028 and U+2029',
      { 'server.js': "const a = '\u2028'\u2028const b = 1\u2029export const setup = () => ({ a, b })" },
    ],
    [
      'of modules that import each other and themselves',
      {
        'server.js':
          "import { b } from './b.js'\nimport './server.js'\nexport const a = 1\nexport const setup = () => ({ b: b() })",
        'b.js': "import { a } from './server.js'\nexport const b = () => a",
      },
    ],
    [
      'a chain of 400 modules',
      {
        'server.js': `import './m0.js'\n${GOOD}`,
        ...Object.fromEntries(
          Array.from({ length: 400 }, (_, i) => [`m${i}.js`, i < 399 ? `import './m${i + 1}.js'` : '']),
        ),
      },
    ],
    ['nested 200 parentheses deep', { 'server.js': `export const a = ${'('.repeat(200)}1${')'.repeat(200)}\n${GOOD}` }],
    ['a script with a hashbang', { 'server.js': `#!/usr/bin/env node\n${GOOD}` }],
    ['a game.json with a key twice', { 'server.js': GOOD, 'game.json': '{"title":"a","title":"b"}' }],
  ])('%s builds', async (_what, files) => {
    expect(await build(files)).toMatchObject({ ok: true })
  })
})

const HANG = { 'server.js': `${GOOD};[].includes.call({ length: 2 ** 53 - 1 }, 1)\n` } // cannot be interrupted

// The latter on a machine so busy that V8 gives the call up, or dies of that, before it has had that time.
const NEVER_CAME_BACK = expect.stringMatching(
  /more than 2 s of processor time|neither go on nor be interrupted|stopped without a result/,
)

describe('a build child', () => {
  it('[SV4] that hangs is stopped in time and is gone with all it started; another game is built meanwhile', async () => {
    let isStopped = false
    const hanging = build(HANG).finally(() => {
      isStopped = true
    })
    await until(() => isTrying(out.path), 'the build is tried')
    const [hung] = children(process.pid)
    expect(hung).toBeGreaterThan(0)
    expect(await build({ 'server.js': `${GOOD}// another\n` })).toMatchObject({ ok: true })
    expect(isStopped).toBe(false)
    expect(await hanging).toMatchObject({ ok: false, problem: { message: NEVER_CAME_BACK } })
    expect(existsSync(`/proc/${hung}`)).toBe(false)
    expect(readdirSync(out.path).filter((name) => name.startsWith('.draft-'))).toEqual([])
  })

  it('that takes too much memory is stopped; the next build is made', async () => {
    const hog = 'const all = []\nfor (;;) all.push(new Array(3e7).fill(all.length))\n'
    let peak = 0
    const watch = setInterval(() => {
      for (const pid of children(process.pid)) peak = Math.max(peak, rssMiB(pid))
    }, 20)
    const said = await message({ 'server.js': `${hog}${GOOD}` })
    clearInterval(watch)
    expect(said).toMatch(/memory|processor time/) // the latter where filling that much memory takes that long
    expect(peak).toBeGreaterThan(100)
    expect(peak).toBeLessThan(BUILD_MEMORY_MIB + ISOLATE_MEMORY_MIB + 512) // it grows between two looks
    expect(await build({ 'server.js': `${GOOD}// after\n` })).toMatchObject({ ok: true })
  })

  it('that gets no processor while it tries a game tries it again, and refuses nothing', async () => {
    const slow = 'const kept = []\nfor (let i = 0; i < 40; i++) kept.push(new Array(2 ** 17).fill(i))\n' // some 50 ms
    const building = build({ 'server.js': `${slow}${GOOD}` })
    await until(() => isTrying(out.path), 'the build is tried')
    const stopped = children(process.pid)
    for (const pid of stopped) process.kill(pid, 'SIGSTOP')
    await new Promise((resolve) => setTimeout(resolve, 2 * LOAD_TIMEOUT_MS)) // what is to be survived
    for (const pid of stopped) process.kill(pid, 'SIGCONT')
    expect(await building).toMatchObject({ ok: true })
  })

  it('whose supervisor was killed ends by itself, even while it hangs', async () => {
    using folder = gameFolder(HANG)
    using drafts = temporaryFolder()
    const script = `import { Builder } from ${JSON.stringify(new URL('./builder.ts', import.meta.url).href)}
      await new Builder({ out: ${JSON.stringify(drafts.path)} }).build(${JSON.stringify(folder.path)})`
    const supervisor = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' })
    await until(() => isTrying(drafts.path), 'the build is tried')
    const [child] = children(supervisor.pid!)
    expect(child).toBeGreaterThan(0)
    supervisor.kill('SIGKILL')
    await until(() => !existsSync(`/proc/${child}`), 'the child is gone')
    expect(readdirSync(drafts.path)).toEqual([expect.stringMatching(/^\.draft-/)])
    mkdirSync(join(drafts.path, 'kept'))
    await sweepDrafts(drafts.path)
    expect(readdirSync(drafts.path)).toEqual(['kept'])
  })
})
