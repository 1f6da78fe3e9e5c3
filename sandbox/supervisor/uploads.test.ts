// What a creator may put into a folder over SFTP, tried with folders on the disk. That sessions are cut meanwhile is tried in the rig.
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Files } from './files.ts'
import { Folder } from './folder.ts'
import { newFolder } from './testing/node.ts'
import { until } from './testing/until.ts'
import { hash } from './tree.ts'
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
const trimmed = () => opened(async (folder) => (await trim(folder, LIMITS)).removed)
const left = () => (readdirSync(game, { recursive: true }) as string[]).sort()
const inside = (name: string) => readdirSync(join(data, name)).sort()
const has = (name: string, ...files: string[]) =>
  until(`${name} to have only ${files}`, () => inside(name).join() === files.join())

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

  it('loses none of the files that are to stay, however late they came, and no older one in the place of a folder they came into', async () => {
    put('src/old.js', 10)
    put('late.png', 10)
    put('src/saved.js', 700) // which changes the folder too
    put('large.png', 500)
    for (let at = 0; at < 16; at++) put(`many/${at}`, 0)
    const isSaved = (path: string, bytes: number) => path === 'src/saved.js' && bytes === 700
    const limits = { ...LIMITS, entries: 4 }
    expect(await opened((folder) => trim(folder, limits, isSaved))).toEqual({
      removed: 18,
      first: expect.arrayContaining([expect.stringMatching(/^(many\/\d+|large[.]png)$/)]),
    })
    expect(left()).toEqual(['late.png', 'src', 'src/old.js', 'src/saved.js'])
    const larger = (path: string, bytes: number) => path === 'src/saved.js' && bytes === 699
    await opened((folder) => trim(folder, { ...LIMITS, bytes: 100 }, larger))
    expect(left()).toEqual(['late.png', 'src', 'src/old.js'])
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
  readonly keyless = new Set<string>()
  readonly restored = new Map<string, number>()
  closed = new Set<string>()
  closing = Promise.resolve()
  busy = true
  /** Each time that somebody wants to know whether anybody is connected. */
  asked = () => {}
  #ownerOf = (name: string) => name.split('-')[0]!
  #uploads: Uploads | undefined

  add(...games: string[]): void {
    for (const name of games) mkdirSync(join(data, name))
    this.games.push(...games)
  }

  watch(ofCreator = { bytes: 10_000, entries: 10_000 }, { limits = LIMITS, restMs = 500, pauseMs = 1 } = {}): Uploads {
    this.#uploads = new Uploads({
      sftp: {
        reach: () =>
          this.games
            .filter((name) => !this.keyless.has(name))
            .map((name) => ({ game: name, isClosed: this.closed.has(name) })),
        close: async (name) => {
          this.calls.push(`close ${name}`)
          await this.closing
        },
        open: async (name) => {
          this.calls.push(`open ${name} ${readdirSync(join(data, name)).sort().join()}`)
          this.closed.delete(name)
        },
      },
      games: () => this.games,
      folder: (name) => {
        this.looks.push(name)
        return join(data, name)
      },
      ownerOf: this.#ownerOf,
      limits,
      ofCreator,
      isBusy: () => {
        this.asked()
        return this.busy
      },
      restoredMs: async (name) => this.restored.get(name) ?? 0,
      tell: (name, text) => void this.told.push(`${name}: ${text}`),
      log: pino({ level: 'silent' }),
      pauseMs,
      restMs,
    })
    return this.#uploads
  }

  /** The editor saves a file of that many bytes; resolves with what it answers. */
  async save(name: string, path: string, bytes: number) {
    const temporary = newFolder()
    const saving: Uploads['saving'] = (...save) => this.#uploads!.saving(...save)
    const files = new Files({ games: data, temporary, ownerOf: this.#ownerOf, saving })
    const content = 's'.repeat(bytes)
    const before = await files.read(name, path)
    const replaces = before.ok ? before.file.hash : null
    const answer = await files.write({ game: name, path, content, encoding: 'utf8', replaces })
    rmSync(temporary, { recursive: true })
    return answer.ok ? answer.hash === hash(Buffer.from(content)) : answer.reason
  }

  /** From now on nobody is connected, all that there was has been looked at, and nothing is looked at that has not changed. */
  async quiet(): Promise<void> {
    await this.allSeen()
    this.busy = false
    await this.polls(2)
    for (let time = 0; time < 2; time++) await this.changedSeen(...this.games) // the first may be what was going on
  }

  /** These have changed: until they were looked at and nothing is going on any more. */
  async changedSeen(...games: string[]): Promise<void> {
    await this.#uploads!.idle()
    const from = this.looks.length
    for (const name of games) this.#uploads!.changed(name)
    await until('a look at what has changed', () => games.every((name) => this.looks.indexOf(name, from) >= 0))
    await this.#uploads!.idle()
  }

  async polls(times: number): Promise<void> {
    let polls = 0
    this.asked = () => polls++
    await until('the next look at who is connected', () => polls >= times)
    this.asked = () => {}
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

  it('looks into a folder that its creator lets nobody read', async () => {
    const isRoot = process.geteuid!() === 0
    for (const path of isRoot ? [data, game] : []) chownSync(path, 65534, 65534)
    chmodSync(game, 0o300)
    if (isRoot) process.seteuid!(65534) // root may read everything
    try {
      put('large', 2_000)
      await using _ = node.watch()
      await until('its creator to be told', () => node.told.length > 0)
      expect(left()).toEqual([])
    } finally {
      if (isRoot) process.seteuid!(0)
    }
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

  it('when nobody is connected, looks at what has changed and at nothing else', async () => {
    node.add(...Array.from({ length: 20 }, (_, at) => `ann-${at}`))
    await using uploads = node.watch()
    await node.quiet()
    const from = node.looks.length
    put('../ann-17/large', 2_000)
    uploads.changed('ann-17')
    await until('its creator to be told', () => node.told.length > 0)
    expect(new Set(node.looks.slice(from))).toEqual(new Set(['ann-17']))
  })

  it('looks first at what has changed, and then at what was not looked at for longest', async () => {
    node.games.length = 0
    await using uploads = node.watch(undefined, { restMs: 60_000 })
    await node.polls(1)
    node.add('ann-0', 'ann-1', 'ann-2', 'ann-3')
    uploads.changed('ann-2')
    await node.allSeen(1)
    expect(node.looks.slice(0, 4)).toEqual(['ann-2', 'ann-0', 'ann-1', 'ann-3'])
    node.add('ann-4')
    const from = node.looks.length
    await node.allSeen(1)
    const next = node.looks.slice(from)
    expect(next.slice(next.indexOf('ann-4'), next.indexOf('ann-4') + 3)).toEqual(['ann-4', 'ann-2', 'ann-0'])
  })

  it('of a creator whose other games change without pause, looks at the rest too, one after the other', async () => {
    node.add(...Array.from({ length: 6 }, (_, at) => `mallory-${at}`))
    await using uploads = node.watch(undefined, { restMs: 0 })
    node.asked = () => ['mallory-0', 'mallory-1'].forEach((name) => void uploads.changed(name))
    await node.allSeen(3)
    put('../mallory-4/.git/large', 2_000) // of which no change is told
    await until('its creator to be told', () => node.told.length > 0)
    expect(inside('mallory-4')).toEqual([])
    await node.allSeen()
  })

  it('what came after the last look while somebody was connected is seen, although nobody is connected any more', async () => {
    let polls = 0
    node.asked = () => {
      if (++polls !== 3) return
      put('.git/large', 2_000)
      node.busy = false
    }
    await using _ = node.watch(undefined, { pauseMs: 100 }) // long enough for a look
    await until('its creator to be told', () => node.told.length > 0)
    expect(left()).toEqual([])
  })

  it('ends at once, however many creators are waiting for their turn', async () => {
    const creators = Array.from({ length: 50 }, (_, at) => `creator${at}-0`)
    node.games.length = 0
    node.add(...creators)
    for (const name of creators) node.closed.add(name)
    const { promise, resolve } = Promise.withResolvers<void>()
    node.closing = promise
    const uploads = node.watch()
    await until('two to be looked at', () => node.calls.length === 2)
    const ended = uploads[Symbol.asyncDispose]()
    resolve()
    await ended
    expect(node.calls.filter((call) => call.startsWith('close')).length).toBe(2)
    expect(node.calls.filter((call) => call.startsWith('open')).length).toBe(2)
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
    expect([inside('ann-0'), inside('ann-1'), inside('bob-0')]).toEqual([['a', 'd'], ['a', 'b'], ['a']])
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

  it('of two games that grew at the same time no more goes than is too much', async () => {
    node.add('ann-0', 'ann-1')
    put('../ann-0/a', 700)
    put('../ann-1/a', 600)
    await using uploads = node.watch({ bytes: 1_500, entries: 100 })
    await node.quiet()
    put('../ann-0/b', 200)
    put('../ann-1/b', 200)
    for (const name of ['ann-0', 'ann-1']) uploads.changed(name)
    await until('its creator to be told', () => node.told.length > 0)
    await node.changedSeen('ann-0', 'ann-1')
    expect([inside('ann-0'), inside('ann-1')]).toEqual([['a'], ['a', 'b']])
    expect(node.told).toEqual([expect.stringMatching(/ 1 files and folders \("b"\)/)])
  })

  it('nothing goes when by now there is less in other games', async () => {
    node.add('ann-0', 'ann-1')
    put('../ann-0/a', 700)
    put('../ann-1/a', 600)
    await using uploads = node.watch({ bytes: 1_500, entries: 100 })
    await node.quiet()
    rmSync(join(data, 'ann-0/a')) // which nobody has told
    put('../ann-1/b', 300)
    await node.changedSeen('ann-1')
    expect([inside('ann-1'), node.told]).toEqual([['a', 'b'], []])
    put('../ann-0/a', 700)
    uploads.changed('ann-0')
    await has('ann-0')
    expect(inside('ann-1')).toEqual(['a', 'b'])
  })

  describe('of a creator who has more than one may have since before there was a limit', () => {
    const MIB = 2 ** 20
    const LARGE = { limits: { bytes: 10 * MIB, entries: 1_000, depth: 3 } }
    const large = (path: string, bytes = 3 * MIB) => {
      put(path, 0)
      truncateSync(join(game, path), bytes)
    }
    beforeEach(() => {
      node.add('ann-0', 'ann-1')
      large('../ann-0/a')
      large('../ann-1/a')
    })
    const watch = () => node.watch({ bytes: 2 * MIB, entries: 10_000 }, LARGE)

    it('nothing goes when keys are taken away and come back, nor with the first key; what comes then on top goes', async () => {
      node.keyless.add('ann-1')
      await using _ = watch()
      await node.allSeen(1)
      for (const name of ['ann-0', 'ann-1']) node.keyless.add(name)
      await node.polls(3)
      node.keyless.clear()
      await node.allSeen()
      expect([inside('ann-0'), inside('ann-1'), node.told, node.calls]).toEqual([['a'], ['a'], [], []])
      put('../ann-0/b', 10)
      put('../ann-1/b', 10)
      await until('both to be told', () => node.told.length > 1)
      expect([inside('ann-0'), inside('ann-1')]).toEqual([['a'], ['a']])
    })

    it('what is put into a game that was just made goes but for an example, also when it enters later', async () => {
      await using uploads = watch()
      await node.allSeen()
      node.keyless.add('ann-2')
      node.add('ann-2')
      put('../ann-2/example', MIB)
      uploads.created('ann-2')
      await node.polls(3)
      node.keyless.clear()
      large('../ann-2/b')
      await until('its creator to be told', () => node.told.length > 0)
      expect([inside('ann-0'), inside('ann-1'), inside('ann-2')]).toEqual([['a'], ['a'], ['example']])
    })

    it('files of a copy that the operator puts back stay; an upload that comes later goes', async () => {
      await using uploads = watch()
      await node.quiet()
      node.restored.set('ann-0', Date.now() + 600_000)
      rmSync(join(data, 'ann-0/a'))
      await node.changedSeen('ann-0')
      large('../ann-0/a', 4 * MIB)
      await node.changedSeen('ann-0')
      large('../ann-0/b', 4 * MIB)
      node.restored.set('ann-0', Date.now() - 1)
      await node.changedSeen('ann-0')
      expect([inside('ann-0'), node.told]).toEqual([['a', 'b'], []])
      put('../ann-0/c', 10)
      uploads.changed('ann-0')
      await has('ann-0', 'a', 'b')
    })

    it('the editor saves a smaller file, and none that is larger; both are as they were saved', async () => {
      put('../ann-0/server.js', 100)
      await using _ = watch()
      await node.quiet()
      expect(await node.save('ann-0', 'server.js', 110)).toBe('too-large')
      expect(await node.save('ann-0', 'more.js', 1)).toBe('too-large')
      expect(node.told).toEqual([
        expect.stringMatching(/^ann-0: server.js was not saved: .* together 2 MiB/),
        expect.stringMatching(/^ann-0: more.js was not saved/),
      ])
      expect(await node.save('ann-0', 'server.js', 90)).toBe(true)
      await node.changedSeen('ann-0')
      expect([inside('ann-0'), statSync(join(data, 'ann-0/server.js')).size]).toEqual([['a', 'server.js'], 90])
      rmSync(join(data, 'ann-1/a'))
      rmSync(join(data, 'ann-0/a')) // which nobody has told
      expect(await node.save('ann-0', 'server.js', 110)).toBe(true)
      expect(node.told.length).toBe(2)
    })
  })

  it('what the editor saved stays, although it came last: an upload before it goes that made it too much', async () => {
    node.add('ann-0', 'ann-1')
    put('../ann-0/a', 700)
    put('../ann-1/src/server.js', 500)
    await using uploads = node.watch({ bytes: 1_500, entries: 8 })
    await node.quiet()
    put('../ann-1/upload', 250)
    put('../ann-1/src/upload', 1)
    expect(await node.save('ann-1', 'src/server.js', 510)).toBe(true)
    expect(await node.save('ann-1', 'src/new/more.js', 100)).toBe(true)
    await node.changedSeen('ann-1')
    expect([inside('ann-1'), inside('ann-1/src')]).toEqual([['src'], ['new', 'server.js']])
    expect([inside('ann-1/src/new'), statSync(join(data, 'ann-1/src/server.js')).size]).toEqual([['more.js'], 510])
    put('../ann-1/src/server.js', 710) // in the place of what was saved
    uploads.changed('ann-1')
    await has('ann-1/src', 'new')
    expect([inside('ann-1/src/new'), inside('ann-0')]).toEqual([['more.js'], ['a']])
  })

  it('a creator without keys saves as much as one may have, and no more', async () => {
    node.add('ann-0', 'ann-1')
    for (const name of ['ann-0', 'ann-1']) node.keyless.add(name)
    put('../ann-0/a', 700)
    await using _ = node.watch({ bytes: 1_500, entries: 100 })
    expect(await node.save('ann-1', 'a.js', 801)).toBe('too-large')
    expect(await node.save('ann-1', 'a.js', 800)).toBe(true)
    expect(await node.save('ann-1', 'b.js', 1)).toBe('too-large')
    rmSync(join(data, 'ann-0/a'))
    expect(await node.save('ann-1', 'b.js', 201)).toBe('too-large') // more than a game may have
    expect(await node.save('ann-1', 'b.js', 200)).toBe(true)
  })
})
