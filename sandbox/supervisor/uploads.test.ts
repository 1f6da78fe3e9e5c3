// What a creator may put into a folder over SFTP, tried with folders on the disk. That sessions are cut meanwhile is tried in the rig.
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Folder } from './folder.ts'
import { newFolder } from './testing/node.ts'
import { until } from './testing/until.ts'
import { fits, trim } from './trim.ts'
import { Uploads } from './uploads.ts'

const LIMITS = { bytes: 1_000, entries: 20, depth: 3 }

let data: string
let game: string
beforeEach(() => {
  data = newFolder()
  game = join(data, 'pong')
  mkdirSync(game)
})
afterEach(() => rmSync(data, { recursive: true, force: true }))

/** Writes a file whose last change is later than that of all before. */
function put(path: string, bytes: number): void {
  const before = performance.now()
  while (performance.now() - before < 12); // the clock that files are stamped with ticks this seldom
  mkdirSync(join(game, path, '..'), { recursive: true })
  writeFileSync(join(game, path), 'x'.repeat(bytes))
}
async function opened<T>(act: (folder: Folder) => Promise<T>): Promise<T> {
  await using folder = await Folder.open(game)
  return await act(folder) // before it is closed
}
const isWithin = () => opened((folder) => fits(folder, LIMITS))
const trimmed = () => opened((folder) => trim(folder, LIMITS))
const left = () => (readdirSync(game, { recursive: true }) as string[]).sort()

describe('a folder', () => {
  it('within its limits stays as it is, to the last byte and name', async () => {
    put('server.js', 500)
    put('.git/a', 500)
    for (let at = 0; at < 17; at++) put(`node_modules/${at}`, 0)
    expect(left().length).toBe(21)
    rmSync(join(game, 'node_modules/0'))
    expect(await isWithin()).toBe(true)
    expect(await trimmed()).toBe(0)
    expect(left().length).toBe(20)
    put('one', 0)
    expect(await isWithin()).toBe(false)
  })

  it('with too many bytes loses what came last, hidden or not, and keeps what was there before', async () => {
    put('server.js', 400)
    put('client.js', 400)
    put('.hidden/large', 300)
    put('late.js', 10)
    utimesSync(join(game, 'late.js'), 0, 0) // the time that its owner may set says nothing
    expect(await isWithin()).toBe(false)
    expect(await trimmed()).toBe(3)
    expect(left()).toEqual(['client.js', 'server.js'])
    expect(await isWithin()).toBe(true)
  })

  it('with a file that only seems large counts it as that large', async () => {
    put('server.js', 10)
    put('hole', 0)
    truncateSync(join(game, 'hole'), 2 ** 40)
    expect(await isWithin()).toBe(false)
    await trimmed()
    expect(left()).toEqual(['server.js'])
  })

  it('with too many names loses the last ones, folders too', async () => {
    put('server.js', 10)
    put('client.js', 10)
    for (let at = 0; at < 300; at++) mkdirSync(join(game, `empty-${at}`))
    expect(await isWithin()).toBe(false)
    await trimmed()
    expect(left()).toContain('server.js')
    expect(left().length).toBeLessThanOrEqual(20)
  })

  it('with folders that go too deep loses those, and one that nobody may enter is looked into all the same', async () => {
    put('a/b/c.js', 10)
    expect(await isWithin()).toBe(true)
    put('a/b/d/e/f/g.js', 10)
    expect(await isWithin()).toBe(false)
    expect(await trimmed()).toBe(1)
    expect(left()).toEqual(['a', 'a/b', 'a/b/c.js'])
    put('closed/large', 2_000)
    chmodSync(join(game, 'closed'), 0)
    const isRoot = process.geteuid!() === 0
    for (const path of [data, game, join(game, 'a'), join(game, 'a/b'), join(game, 'closed')])
      if (isRoot) process.getBuiltinModule('fs').chownSync(path, 65534, 65534)
    if (isRoot) process.seteuid!(65534) // root may enter everything
    try {
      expect(await isWithin()).toBe(false)
      expect(await trimmed()).toBe(2)
    } finally {
      if (isRoot) process.seteuid!(0)
    }
    expect(left()).toEqual(['a', 'a/b', 'a/b/c.js'])
  })
})

describe('the allowance', () => {
  const told: string[] = []
  const calls: string[] = []
  let closed = false
  const watch = () =>
    new Uploads({
      sftp: {
        reach: () => [{ game: 'pong', isClosed: closed }],
        close: async (name) => void calls.push(`close ${name}`),
        open: async (name) => {
          calls.push(`open ${name} ${left().join()}`)
          closed = false
        },
      },
      folder: (name) => join(data, name),
      limits: LIMITS,
      isBusy: () => true,
      tell: (name, text) => void told.push(`${name}: ${text}`),
      log: pino({ level: 'silent' }),
      pauseMs: 1,
    })
  beforeEach(() => {
    told.length = calls.length = 0
    closed = false
  })

  it('closes a folder with too much in it, trims it, tells its creator, and opens it again; one within its limits it leaves alone', async () => {
    put('server.js', 500)
    await using allowance = watch()
    put('large', 900)
    await until('its creator to be told', () => told.length > 0)
    expect(calls.slice(0, 2)).toEqual(['close pong', 'open pong server.js'])
    expect(told).toEqual([expect.stringMatching(/^pong: More was uploaded.* 1 files and folders/)])
    expect(existsSync(join(game, 'server.js'))).toBe(true)
    expect(allowance).toBeDefined()
  })

  it('opens a folder that a supervisor closed which was killed over it', async () => {
    put('server.js', 500)
    closed = true
    await using allowance = watch()
    await until('the folder to be open', () => calls.includes('open pong server.js'))
    expect(told).toEqual([])
    expect(allowance).toBeDefined()
  })
})
