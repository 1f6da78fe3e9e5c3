// What a creator may put into a folder over SFTP, tried with folders on the disk. That sessions are cut meanwhile is tried in the rig.
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Folder } from './folder.ts'
import { newFolder } from './testing/node.ts'
import { until } from './testing/until.ts'
import { trim, weigh } from './trim.ts'
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
const isWithin = () => opened(async (folder) => (await weigh(folder, LIMITS)) !== null)
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
    chmodSync(join(game, '.hidden'), 0o755) // changed no earlier than what is in it
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

/** Folders `CREATOR-NUMBER` below `data`, the first of them `pong` of the creator `pong`. */
class Node {
  readonly told: string[] = []
  readonly calls: string[] = []
  readonly looks: string[] = []
  readonly games = ['pong']
  closed = new Set<string>()
  busy = true

  add(...games: string[]): void {
    for (const name of games) mkdirSync(join(data, name))
    this.games.push(...games)
  }

  watch(ofCreator = { bytes: 10_000, entries: 10_000 }): Uploads {
    return new Uploads({
      sftp: {
        reach: () => this.games.map((name) => ({ game: name, isClosed: this.closed.has(name) })),
        close: async (name) => void this.calls.push(`close ${name}`),
        open: async (name) => {
          this.calls.push(`open ${name} ${readdirSync(join(data, name)).sort().join()}`)
          this.closed.delete(name)
        },
      },
      folder: (name) => {
        this.looks.push(name)
        return join(data, name)
      },
      ownerOf: (name) => name.split('-')[0]!,
      limits: LIMITS,
      ofCreator,
      isBusy: () => this.busy,
      tell: (name, text) => void this.told.push(`${name}: ${text}`),
      log: pino({ level: 'silent' }),
      pauseMs: 1,
    })
  }

  /** Every folder is looked at from now on, from the beginning to the end: until a look after that one has begun. */
  async allSeen(times = 2): Promise<void> {
    const from = this.looks.length
    const seen = (game: string) => this.looks.slice(from).filter((name) => name === game).length
    await until('all folders to be looked at', () => this.games.every((name) => seen(name) >= times))
  }
}

describe('the allowance', () => {
  let node: Node
  beforeEach(() => {
    node = new Node()
  })

  it('closes a folder with too much in it, trims it, tells its creator, and opens it again; one within its limits it leaves alone', async () => {
    put('server.js', 500)
    await using _ = node.watch()
    put('large', 900)
    await until('its creator to be told', () => node.told.length > 0)
    expect(node.calls.slice(0, 2)).toEqual(['close pong', 'open pong server.js'])
    expect(node.told).toEqual([expect.stringMatching(/^pong: More was uploaded than a game's .* 1 files and folders/)])
    expect(existsSync(join(game, 'server.js'))).toBe(true)
  })

  it('opens a folder that a supervisor closed which was killed over it', async () => {
    put('server.js', 500)
    node.closed.add('pong')
    await using _ = node.watch()
    await until('the folder to be open', () => node.calls.includes('open pong server.js'))
    expect(node.told).toEqual([])
  })

  it('looks at the folders of creators in turn: thirty of one do not keep it from that of another', async () => {
    node.games.length = 0
    node.add(...Array.from({ length: 30 }, (_, at) => `mallory-${at}`))
    for (const name of node.games) for (let at = 0; at < 10; at++) writeFileSync(join(data, name, String(at)), '')
    node.add('ann-0')
    await using _ = node.watch()
    await until('a look at the last', () => node.looks.includes('ann-0'))
    expect(node.looks.indexOf('ann-0')).toBeLessThan(5)
    await until('a look at each', () => new Set(node.looks).size === 31)
  })

  it('looks first at what has changed; when nobody is connected, at nothing else', async () => {
    node.add(...Array.from({ length: 20 }, (_, at) => `ann-${at}`))
    await using allowance = node.watch()
    await node.allSeen()
    node.busy = false
    for (const name of node.games) allowance.changed(name)
    await node.allSeen(1) // and from now on there is no reason to look at any of them
    node.looks.length = 0
    put('../ann-17/large', 2_000)
    allowance.changed('ann-17')
    await until('its creator to be told', () => node.told.length > 0)
    expect(new Set(node.looks)).toEqual(new Set(['ann-17']))
  })

  it('of a creator whose games hold too much together, the game that has grown loses what came last; other games and creators lose nothing', async () => {
    node.add('ann-0', 'ann-1', 'bob-0')
    put('../ann-0/a', 700)
    put('../ann-1/a', 600)
    put('../bob-0/a', 900)
    await using _ = node.watch({ bytes: 1_500, entries: 4 })
    await node.allSeen()
    put('../ann-1/b', 150)
    await node.allSeen()
    expect(node.told).toEqual([])
    put('../ann-1/c', 150)
    await until('its creator to be told', () => node.told.length > 0)
    expect(node.told).toEqual([
      expect.stringMatching(/^ann-1: More was uploaded than all games of a creator .* 1 files and folders/),
    ])
    put('../ann-0/d', 0)
    put('../ann-0/e', 0)
    await until('its creator to be told again', () => node.told.length > 1)
    const left = (name: string) => readdirSync(join(data, name)).sort()
    expect([left('ann-0'), left('ann-1'), left('bob-0')]).toEqual([['a', 'd'], ['a', 'b'], ['a']])
  })

  it('what lay there before a limit was set stays, and what comes on top of it goes', async () => {
    node.add('ann-0', 'ann-1')
    put('../ann-0/a', 700)
    put('../ann-1/a', 600)
    await using _ = node.watch({ bytes: 1_000, entries: 100 })
    await node.allSeen()
    expect(node.calls).toEqual([])
    put('../ann-1/b', 10)
    await until('its creator to be told', () => node.told.length > 0)
    expect(readdirSync(join(data, 'ann-1'))).toEqual(['a'])
    expect(readdirSync(join(data, 'ann-0'))).toEqual(['a'])
  })
})
