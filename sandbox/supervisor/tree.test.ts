// Trees that are too large, too deep or too odd, as the editor's door and the build see them: neither waits, follows or drowns.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { filesAnswer } from '@sandlot/shared/contract.ts'
import { MAX_FOLDER_DEPTH, MAX_FOLDER_ENTRIES } from '@sandlot/shared/limits.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BuildError } from '../build/problem.ts'
import { readFolder } from '../build/source.ts'
import { Files } from './files.ts'
import { Folder } from './folder.ts'
import { newFolder } from './testing/node.ts'
import { empty } from './tree.ts'

let data: string
let folder: string
let files: Files

beforeEach(() => {
  data = newFolder()
  folder = join(data, 'games', 'pong')
  mkdirSync(folder, { recursive: true })
  mkdirSync(join(data, 'tmp'))
  writeFileSync(join(folder, 'server.js'), 'one')
  files = new Files({ games: join(data, 'games'), temporary: join(data, 'tmp') })
})
afterEach(() => rmSync(data, { recursive: true, force: true }))

/** What a build says of the folder: its paths, or the sentence the creator reads. */
async function build(): Promise<string[] | string> {
  try {
    return [...(await readFolder(folder)).keys()]
  } catch (error) {
    if (error instanceof BuildError) return error.message
    throw error
  }
}
/** What the editor shows of it, checked as the door checks it. */
async function list(): Promise<string[] | string> {
  const answer = filesAnswer.parse(await files.list('pong'))
  return answer.ok ? answer.files.map(({ path }) => path) : answer.reason
}
const put = (name: string | Buffer) =>
  closeSync(openSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name)]), 'w'))
const clear = async (path: string) => {
  const open = await Folder.open(path)
  await empty(open)
  await open.close()
}

describe('a folder with very many names', () => {
  it('is refused with a sentence, hidden ones counted, and can still be removed', async () => {
    const fill = (from: number, to: number) => {
      for (let i = from; i < to; i++) closeSync(openSync(`${folder}/.${i}`, 'w'))
    }
    fill(1, MAX_FOLDER_ENTRIES)
    expect(await build()).toEqual(['server.js'])
    expect(await list()).toEqual(['server.js'])
    fill(MAX_FOLDER_ENTRIES, 2 * MAX_FOLDER_ENTRIES)
    expect(await build()).toMatch(`more than ${MAX_FOLDER_ENTRIES} files and folders, hidden ones included`)
    expect(await list()).toBe('too-many-files')
    await clear(folder)
    expect(readdirSync(folder)).toEqual([])
  })

  it('of node_modules is looked at by nobody', async () => {
    mkdirSync(join(folder, 'node_modules'))
    put('node_modules/index.js')
    symlinkSync('/', join(folder, 'node_modules/root'))
    expect(await build()).toEqual(['server.js'])
    expect(await list()).toEqual(['server.js'])
  })
})

describe('a deep folder', () => {
  it(`is read ${MAX_FOLDER_DEPTH} folders down and refused by the build below that`, async () => {
    const deep = (levels: number) => Array.from({ length: levels }, () => 'd').join('/')
    mkdirSync(join(folder, deep(MAX_FOLDER_DEPTH - 1)), { recursive: true })
    put(`${deep(MAX_FOLDER_DEPTH - 1)}/a.js`)
    const good = [`${deep(MAX_FOLDER_DEPTH - 1)}/a.js`, 'server.js']
    expect(await build()).toEqual(good)
    expect(await list()).toEqual(good)
    mkdirSync(join(folder, deep(MAX_FOLDER_DEPTH)))
    expect(await build()).toMatch(`more than ${MAX_FOLDER_DEPTH - 1} folders deep`)
    expect(await list()).toEqual(good)
  })

  it('that no path can name any more is refused all the same, and can be removed', async () => {
    const inner = 'd/'.repeat(1_050) // twice this is more than the 4,096 bytes of a path
    for (let times = 0; times < 2; times++) {
      mkdirSync(join(data, 'next', inner), { recursive: true })
      if (times > 0) renameSync(join(folder, 'd'), join(data, 'next', inner, 'd'))
      renameSync(join(data, 'next/d'), join(folder, 'd'))
    }
    expect(await build()).toMatch(`more than ${MAX_FOLDER_DEPTH - 1} folders deep`)
    expect(await list()).toEqual(['server.js'])
    await clear(folder)
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('names', () => {
  it('that are odd but harmless are kept apart byte by byte: twins in case and in normal form, spaces, emoji, dashes', async () => {
    const odd = [
      '-rf',
      'CON',
      'Ship.js',
      'ship.js',
      '\u00e9.js',
      'e\u0301.js',
      ' a ',
      '🚀.js',
      "a'b;$(c)`d`.js",
      '\u202egnp.js',
    ].sort()
    for (const name of odd) put(name)
    rmSync(join(folder, 'server.js'))
    expect(await build()).toEqual(odd)
    expect(await list()).toEqual(odd)
  })

  it.each([
    ['a line break', 'a\nb.js', /control character/],
    ['an escape sequence', '\u001b[2J.js', /control character/],
    ['a backslash', 'a\\b.js', /control character or a backslash/],
    ['bytes that are not UTF-8', Buffer.from([0x61, 0xff, 0x2e, 0x6a, 0x73]), /not UTF-8/],
    ['too many characters', `${'x'.repeat(240)}.js`, /longer than 200/],
  ])('with %s stop the build with a sentence; the editor leaves them out', async (_what, name, sentence) => {
    put(name)
    expect(await build()).toMatch(sentence)
    expect(await list()).toEqual(['server.js'])
    await clear(folder)
    expect(readdirSync(folder)).toEqual([])
  })

  it('too long for the disk are no names of files', async () => {
    const path = `${'🚀'.repeat(100)}.js` // 203 characters of 400 bytes
    expect(await files.read('pong', path)).toEqual({ ok: false, reason: 'not-a-file' })
    const write = { game: 'pong', path, content: 'x', encoding: 'utf8', replaces: null } as const
    expect(await files.write(write)).toEqual({ ok: false, reason: 'not-a-file', current: null })
    expect(await files.write({ ...write, path: '🚀.js' })).toMatchObject({ ok: true })
  })
})

describe('special files', () => {
  it.each([
    ['a pipe', async () => void execFileSync('mkfifo', [join(folder, 'odd')])],
    ['a device', async () => void execFileSync('mknod', [join(folder, 'odd'), 'c', '1', '5'])], // endless zeros
    [
      'a socket',
      async () => {
        const server = createServer()
        await new Promise<void>((resolve) => server.listen(join(folder, 'odd'), resolve))
        return server
      },
    ],
  ])('%s stops the build with a sentence at once, and is none of the editor', async (_what, make) => {
    const server = await make()
    expect(await build()).toMatch('odd is not a regular file')
    expect(await list()).toEqual(['server.js'])
    expect(await files.read('pong', 'odd')).toEqual({ ok: false, reason: 'not-a-file' })
    server?.close()
  })

  it('a sparse file counts by the size it seems to have', async () => {
    put('hole.png')
    truncateSync(join(folder, 'hole.png'), 1024 ** 4)
    expect(await build()).toMatch('hole.png has 1048576.0 MiB; the limit for one file of its kind is 5.0 MiB')
    expect(await list()).toBe('too-large')
    expect(await files.read('pong', 'hole.png')).toEqual({ ok: false, reason: 'too-large' })
    const write = { game: 'pong', path: 'new.js', content: 'x', encoding: 'utf8', replaces: null } as const
    expect(await files.write(write)).toMatchObject({ ok: false, reason: 'too-large' })
    truncateSync(join(folder, 'hole.png'), 1024)
    expect(await build()).toEqual(['hole.png', 'server.js'])
    expect(await list()).toEqual(['hole.png', 'server.js'])
  })

  it('a file that its owner closed to others stops the build with a sentence; the editor still shows the rest', async () => {
    put('mine.js')
    chmodSync(join(folder, 'mine.js'), 0)
    for (const path of [data, join(data, 'games'), folder]) chmodSync(path, 0o755)
    const isRoot = process.geteuid!() === 0
    if (isRoot) process.seteuid!(65534) // root may read everything
    try {
      expect(await build()).toMatch('mine.js may not be read: change its permissions')
      expect(await list()).toEqual(['server.js'])
      expect(await files.read('pong', 'mine.js')).toEqual({ ok: false, reason: 'not-a-file' })
    } finally {
      if (isRoot) process.seteuid!(0)
    }
    expect(await build()).toEqual(['mine.js', 'server.js'])
  })
})
