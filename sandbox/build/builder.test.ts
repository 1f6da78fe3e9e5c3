import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Duplex, duplexPair } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { DEFAULT_BUDGETS } from '@sandlot/shared/budgets.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { gameFolder } from '../testing/folder.ts'
import { Builder } from './builder.ts'
import { compile } from './compile.ts'
import { type BuildEnd, type BuildProcess, childBuilds } from './process.ts'
import { type Job, messages, pieces, send } from './wire.ts'

const hello = fileURLToPath(new URL('../examples/hello', import.meta.url))
let out: string

beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'sandlot-builder-'))
})
afterEach(() => rmSync(out, { recursive: true }))

describe('a builder', () => {
  it('makes builds until it is closed', async () => {
    const builder = new Builder({ out })
    expect(await builder.build(hello)).toMatchObject({ ok: true })
    await builder[Symbol.asyncDispose]()
    await expect(builder.build(hello)).rejects.toThrow('closed')
  })

  it('that is closed while a build begins ends that build without a result', async () => {
    for (let turns = 0; turns < 12; turns++) {
      const builder = new Builder({ out })
      const build = builder.build(hello)
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate) // it may be anywhere on its way to the child
      await builder[Symbol.asyncDispose]()
      expect(await build).toMatchObject({ ok: false })
    }
  })

  it('[SV4] tries a build under the budgets it will run with', async () => {
    await using builder = new Builder({ out })
    using wide = gameFolder({ 'server.js': "export const setup = () => ({ text: 'x'.repeat(5_000) })\n" })
    const narrow = await builder.build(wide.path, { budgets: { ...DEFAULT_BUDGETS, stateBytes: 1_000 } })
    expect(narrow).toMatchObject({ ok: false, problem: { message: expect.stringMatching(/1,?000/) } })
    expect(await builder.build(wide.path)).toMatchObject({ ok: true })
    using large = gameFolder({
      'server.js':
        'const kept = []\nfor (let i = 0; i < 150; i++) kept.push(new Array(2 ** 17).fill(i))\nexport const setup = () => ({ n: kept.length })\n',
    })
    expect(await builder.build(large.path)).toMatchObject({ ok: false })
    const budgets = { ...DEFAULT_BUDGETS, roomMemoryMiB: 512, frameMs: 10_000 } // a busy machine is slow to give so much memory
    expect(await builder.build(large.path, { budgets })).toMatchObject({ ok: true })
  })
})

/** A process that a creator's code has become: it does what a test says at its end of the link, and goes on until it is killed. */
function captured(act: (job: Job, body: Buffer, link: Duplex) => Promise<void>): BuildProcess {
  const [link, far] = duplexPair()
  const ended = Promise.withResolvers<BuildEnd>()
  for (const end of [link, far]) end.on('error', () => {})
  void (async () => {
    const { value } = await messages(far).next()
    if (value) await act(value.head as Job, value.body, far)
  })().catch(() => {})
  const kill = () => {
    for (const end of [link, far]) end.destroy()
    ended.resolve({ why: 'unknown', said: '' })
  }
  return { link: Promise.resolve(link), ended: ended.promise, kill }
}

/** What an honest process answers first. */
async function honest({ paths, code, sizes }: Job, body: Buffer, link: Duplex, change: object = {}): Promise<void> {
  const contents = pieces(body, sizes)
  const { content, ...about } = compile({
    paths: new Set(paths),
    code: new Map(code.map((path, index) => [path, contents[index]!])),
  })
  const made = [...content.values()].map((text) => Buffer.from(text))
  await send(link, { ok: true, ...about, sizes: made.map(({ length }) => length), ...change }, made)
}

const GAME = { 'server.js': 'export const setup = () => ({})\n', 'assets/a.json': '"as it was"' }
const noResult = { ok: false, problem: { message: expect.stringMatching(/without a result/) } }

describe('a process that says what it should not costs its own build and leaves nothing behind:', () => {
  const attempt = async (act: Parameters<typeof captured>[0]) => {
    using folder = gameFolder(GAME)
    await using builder = new Builder({ out, launcher: { start: () => captured(act) } })
    return await builder.build(folder.path)
  }

  it('its twin, which says the right things, has its build made', async () => {
    const result = await attempt(async (job, body, link) => {
      await honest(job, body, link)
      await send(link, { ok: true })
    })
    if (!result.ok) throw new Error(result.problem.message)
    expect(readdirSync(out)).toEqual([result.build])
    expect(readFileSync(join(result.dir, 'files/assets/a.json'), 'utf8')).toBe('"as it was"')
  })

  it.each<[string, (job: Job, body: Buffer, link: Duplex) => Promise<void>]>([
    [
      'paths outside',
      (...all) => honest(...all, { client: { entry: 'client.js', modules: ['client.js', '../x.js'] } }),
    ],
    ['a verdict without a build', (_job, _body, link) => send(link, { ok: true })],
    [
      'two builds',
      async (...all) => {
        await honest(...all)
        await honest(...all)
      },
    ],
    ['noise', async (_job, _body, link) => void link.write(Buffer.alloc(1_000, 255))],
    ['no JSON', async (_job, _body, link) => void link.write(Buffer.from([0, 0, 0, 1, 0, 0, 0, 0, 0x7b]))],
    ['goodbye', async (_job, _body, link) => void link.end()],
    ['goodbye before its verdict', (...all) => honest(...all).then(() => void all[2].end())],
  ])('%s', async (_what, act) => {
    expect(await attempt(act)).toMatchObject(noResult)
    expect(readdirSync(out)).toEqual([])
  })

  it('a problem of its own, which the creator reads', async () => {
    const problem = { message: 'It does not work', file: 'server.js', line: 3 }
    const result = await attempt((_job, _body, link) => send(link, { ok: false, problem }))
    expect(result).toEqual({ ok: false, problem })
  })
})

describe('a build', () => {
  it('that is late is tried again in another process, and after so many times is refused with the reason', async () => {
    using folder = gameFolder(GAME)
    let started = 0
    const silent = {
      start() {
        started++
        return captured(async () => {})
      },
    }
    await using never = new Builder({ out, launcher: silent, limits: { timeoutMs: 20 } })
    const late = {
      message: expect.stringMatching(/not done after 0\.02 s and was stopped, 3 times in a row.*Save again/),
    }
    expect(await never.build(folder.path)).toEqual({ ok: false, problem: late })
    expect(started).toBe(4) // and one that waits for the next build

    let first = true
    const launcher = {
      start: () => {
        const process = first ? captured(async () => {}) : childBuilds.start()
        first = false
        return process
      },
    }
    await using once = new Builder({ out, launcher, limits: { timeoutMs: 5_000 } })
    expect(await once.build(folder.path)).toMatchObject({ ok: true })
  })

  it('holds the bytes of assets that its name was made of, whatever becomes of the files meanwhile', async () => {
    using folder = gameFolder(GAME)
    const start = () =>
      captured(async (job, body, link) => {
        folder.write({ 'assets/a.json': '"something else"' })
        await honest(job, body, link)
        await send(link, { ok: true })
      })
    await using builder = new Builder({ out, launcher: { start } })
    const [one, other] = [await builder.build(folder.path), await builder.build(folder.path)]
    if (!one.ok || !other.ok) throw new Error('not built')
    expect(readFileSync(join(one.dir, 'files/assets/a.json'), 'utf8')).toBe('"as it was"')
    expect(readFileSync(join(other.dir, 'files/assets/a.json'), 'utf8')).toBe('"something else"')
    expect(other.build).not.toBe(one.build)
  })

  it.each([
    ['in the place of the map of a module', 'client.js.map/rules.js', /in the way of another file/],
    ['with a name that has no room for the map beside it', `${'é'.repeat(125)}.js`, /too long a name/],
  ])('of a module %s is refused with a sentence', async (_what, path, message) => {
    using folder = gameFolder({ [path]: 'export const a = 1\n', 'client.js': `import './${path}'\n` })
    await using builder = new Builder({ out })
    expect(await builder.build(folder.path)).toMatchObject({
      ok: false,
      problem: { file: expect.any(String), message: expect.stringMatching(message) },
    })
    expect(readdirSync(out)).toEqual([])
  })

  it('takes nothing from a process that could not be started, and says so', async () => {
    using folder = gameFolder(GAME)
    const start = (): BuildProcess => ({
      link: Promise.resolve(undefined),
      ended: Promise.resolve({ why: 'not-started', said: '' }),
      kill() {},
    })
    await using builder = new Builder({ out, launcher: { start } })
    const problem = { message: expect.stringMatching(/could not be started: .* operator/) }
    expect(await builder.build(folder.path)).toEqual({ ok: false, problem })
  })
})
