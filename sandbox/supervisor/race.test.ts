// A creator who swaps a file or folder for a link to somebody else's, a hundred thousand times, while everything of ours reads and writes.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Builder } from '../build/builder.ts'
import { BuildError } from '../build/problem.ts'
import { readFolder } from '../build/source.ts'
import { Files } from './files.ts'
import { Folder } from './folder.ts'
import { newFolder } from './testing/node.ts'
import { until } from './testing/until.ts'
import { empty } from './tree.ts'

const SWAPS = 100_000
const SECRET = 'the secret of another creator'
const HONEST = 'export const setup = () => ({ honest: true })\n'
const hash = (text: string) => createHash('sha256').update(text).digest('hex')

let data: string
let game: string
let outside: string

beforeEach(() => {
  data = newFolder()
  game = join(data, 'games', 'pong')
  outside = join(data, 'outside')
  for (const folder of [join(game, 'assets'), join(data, 'tmp'), join(data, 'stage'), outside]) {
    mkdirSync(folder, { recursive: true })
  }
  writeFileSync(join(game, 'server.js'), HONEST)
  writeFileSync(join(data, 'stage/honest'), HONEST)
  writeFileSync(join(game, 'client.js'), 'gameAPI.onState(() => {})\n')
  writeFileSync(join(game, 'assets/note.json'), '"honest"')
  writeFileSync(join(outside, 'server.js'), `export const setup = () => '${SECRET}'\n`)
  writeFileSync(join(outside, 'note.json'), JSON.stringify(SECRET))
})
afterEach(() => rmSync(data, { recursive: true }))

/** Everything below `folder`, as text. */
const all = (folder: string): string =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return entry.isFile() ? `${path}: ${readFileSync(path)}` : path
    })
    .sort()
    .join('\n')

/** Swaps in a thread of its own until it is stopped. Then all is as honest as before. */
function swapper() {
  const swaps = new Int32Array(new SharedArrayBuffer(8)) // how many; 1: stop
  const code = `
    const { linkSync, mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } = require('node:fs')
    const { swaps, game, stage, outside } = require('node:worker_threads').workerData
    const attempt = (act) => {
      try {
        act()
        return true
      } catch {
        return false // somebody of ours has just put or removed something there
      }
    }
    const turn = (act) => attempt(act) && Atomics.add(swaps, 0, 1)
    const file = game + '/server.js'
    const folder = game + '/assets'
    while (Atomics.load(swaps, 1) === 0) {
      turn(() => { symlinkSync(outside + '/server.js', stage + '/next'); renameSync(stage + '/next', file) })
      turn(() => { renameSync(folder, stage + '/assets'); symlinkSync(outside, folder) })
      turn(() => { linkSync(stage + '/honest', stage + '/next'); renameSync(stage + '/next', file) })
      attempt(() => unlinkSync(folder))
      turn(() => renameSync(stage + '/assets', folder)) || attempt(() => { mkdirSync(folder); writeFileSync(folder + '/note.json', '"honest"') })
    }`
  const worker = new Worker(code, { eval: true, workerData: { swaps, game, stage: join(data, 'stage'), outside } })
  const failed = new Promise<never>((_, reject) => worker.once('error', reject))
  failed.catch(() => {})
  return {
    get count() {
      return Atomics.load(swaps, 0)
    },
    async stop() {
      Atomics.store(swaps, 1, 1)
      await Promise.race([failed, new Promise((resolve) => worker.once('exit', resolve))])
    },
  }
}

describe('while files and folders are swapped for links 100,000 times', () => {
  it('no reader gives out what a link leads to, and no writer changes it; what is honest is read and written meanwhile', async () => {
    const before = all(outside)
    const files = new Files({ games: join(data, 'games'), temporary: join(data, 'tmp') })
    const out = join(data, 'builds')
    const builder = new Builder({ out })
    const swap = swapper()
    const seen: Record<string, { good: number; refused: number }> = {}
    const note = (what: string, ok: boolean, answer: unknown) => {
      seen[what] ??= { good: 0, refused: 0 }
      seen[what][ok ? 'good' : 'refused']++
      const text = JSON.stringify(answer)
      for (const leak of [
        SECRET,
        hash(readFileSync(join(outside, 'server.js'), 'utf8')),
        hash(JSON.stringify(SECRET)),
      ]) {
        if (text.includes(leak)) throw new Error(`${what} gave out ${leak}: ${text}`)
      }
    }
    const isEnough = () => {
      const kinds = Object.values(seen)
      return swap.count >= SWAPS && kinds.length === 7 && kinds.every(({ good, refused }) => good > 0 && refused > 0)
    }
    const door = async () => {
      for (let turn = 0; !isEnough(); turn++) {
        const list = await files.list('pong')
        note('list', list.ok && list.files.some(({ path }) => path === 'assets/note.json'), list)
        for (const path of ['server.js', 'assets/note.json']) {
          const read = await files.read('pong', path)
          note(`read ${path}`, read.ok, read)
        }
        const text = `${turn}`
        const write = {
          game: 'pong',
          path: 'assets/new.json',
          content: text,
          encoding: 'utf8',
          replaces: null,
        } as const
        const wrote = await files.write(write)
        note('write', wrote.ok, wrote)
        for (let tries = 0; tries < 100; tries++) {
          const removed = await files.remove({ game: 'pong', path: 'assets/new.json', replaces: hash(text) })
          note('remove', removed.ok, removed)
          if (removed.ok || !wrote.ok) break
        }
        try {
          const read = await readFolder(game)
          note(
            'source',
            true,
            [...read].map(([path, content]) => [path, `${content}`]),
          )
        } catch (error) {
          if (!(error instanceof BuildError)) throw error
          note('source', false, error.problem)
        }
      }
    }
    const build = async () => {
      while (!isEnough()) {
        const built = await builder.build(game)
        note('build', built.ok, built)
      }
    }
    await Promise.all([door(), build()])
    await swap.stop()
    await builder[Symbol.asyncDispose]()
    expect(all(outside)).toBe(before)
    expect(all(out)).toContain('honest: true')
    expect(all(out)).not.toContain(SECRET)
    expect(readdirSync(join(data, 'tmp'))).toEqual([])
  })

  it('removing the folder removes nothing outside of it; it goes when nobody changes it any more', async () => {
    const before = all(outside)
    const swap = swapper()
    const seen = { emptied: 0, disturbed: 0 }
    await until('the swapping to begin', () => swap.count > 0)
    while (swap.count < SWAPS / 10 || seen.emptied === 0) {
      const folder = await Folder.open(game)
      await empty(folder).then(
        () => seen.emptied++,
        () => seen.disturbed++, // somebody has put something there again
      )
      await folder.close()
    }
    await swap.stop()
    expect(all(outside)).toBe(before)
    symlinkSync(outside, join(game, 'a-link'))
    const folder = await Folder.open(game)
    await empty(folder)
    await folder.close()
    expect(readdirSync(game)).toEqual([])
    expect(all(outside)).toBe(before)
  })
})
