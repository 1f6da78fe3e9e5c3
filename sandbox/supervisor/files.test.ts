// What the website's editor may do in a creator's folder, on a real file system.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { open, rename, symlink, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { MAX_FILE_BYTES, MAX_FOLDER_DEPTH, MAX_GAME_FILES } from '@sandlot/shared/limits.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Files } from './files.ts'
import { runCommand } from './process.ts'
import { newFolder } from './testing/node.ts'

const hash = (text: string) => createHash('sha256').update(text).digest('hex')
let data: string
let folder: string
let files: Files

beforeEach(() => {
  data = newFolder()
  folder = join(data, 'games', 'pong')
  mkdirSync(folder, { recursive: true })
  mkdirSync(join(data, 'tmp'))
  writeFileSync(join(folder, 'server.js'), 'one')
  writeFileSync(join(data, 'secret'), 'not yours')
  files = new Files({ games: join(data, 'games'), temporary: join(data, 'tmp') })
})
afterEach(() => rmSync(data, { recursive: true }))

const MiB = 2 ** 20
/** What this process reads meanwhile, from files or pipes. */
async function bytesRead(act: () => Promise<unknown>): Promise<number> {
  const sum = () => Number(/rchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))![1])
  const before = sum()
  await act()
  return sum() - before
}

const write = (path: string, content: string, replaces: string | null) =>
  files.write({ game: 'pong', path, content, encoding: 'utf8', replaces })

describe('reading', () => {
  it('lists regular files with size and hash, sorted, without hidden and linked ones', async () => {
    mkdirSync(join(folder, 'assets'))
    writeFileSync(join(folder, 'assets/ball.png'), Buffer.from([0x89, 0, 0xff]))
    writeFileSync(join(folder, '.hidden'), 'x')
    symlinkSync(join(data, 'secret'), join(folder, 'linked.js'))
    symlinkSync(data, join(folder, 'linked'))
    const answer = await files.list('pong')
    expect(answer).toMatchObject({
      ok: true,
      files: [
        { path: 'assets/ball.png', bytes: 3, text: false },
        { path: 'server.js', bytes: 3, text: true, hash: hash('one') },
      ],
    })
  })

  it('a list of what has not changed reads nothing; what has changed is read, and so is what changed within the last second, which could change again and look the same', async () => {
    files = new Files({ games: join(data, 'games'), temporary: join(data, 'tmp'), nowMs: () => Date.now() + 60_000 })
    for (let i = 0; i < 4; i++) writeFileSync(join(folder, `${i}.txt`), String(i).repeat(MiB))
    const first = await files.list('pong')
    expect(await bytesRead(async () => expect(await files.list('pong')).toEqual(first))).toBeLessThan(MiB / 2)
    writeFileSync(join(folder, '1.txt'), 'x'.repeat(MiB))
    const change = async () =>
      expect(await files.list('pong')).toMatchObject({
        ok: true,
        files: [{}, { hash: hash('x'.repeat(MiB)), bytes: MiB, text: true }, {}, {}, { path: 'server.js' }],
      })
    const read = await bytesRead(change)
    expect(read).toBeGreaterThanOrEqual(MiB)
    expect(read).toBeLessThan(2 * MiB)
    const { ctimeMs } = statSync(join(folder, '1.txt'))
    const readAgain = async (afterMs: number) => {
      files = new Files({ games: join(data, 'games'), temporary: join(data, 'tmp'), nowMs: () => ctimeMs + afterMs })
      await change()
      return bytesRead(change)
    }
    expect(await readAgain(900)).toBeGreaterThanOrEqual(MiB)
    expect(await readAgain(1_100)).toBeLessThan(MiB / 2)
  })

  it('lists a file that grows all the while, as it is at some moment', async () => {
    const path = join(folder, 'ball.png')
    writeFileSync(path, Buffer.alloc(MiB / 4))
    await using file = await open(path, 'a')
    let done = false
    const grow = (async () => {
      while (!done) await file.write('x')
    })()
    const sizes = new Set<number>()
    for (let i = 0; i < 25; i++) {
      const answer = await files.list('pong')
      expect(answer).toMatchObject({ ok: true, files: [{ path: 'ball.png' }, { path: 'server.js' }] })
      if (answer.ok) sizes.add(answer.files[0]!.bytes)
    }
    done = true
    await grow
    expect(sizes.size).toBeGreaterThan(5)
  })

  it('who asks for fifty lists at once gets them from two, and the last shows what was written before it was asked for', async () => {
    for (let i = 0; i < 4; i++) writeFileSync(join(folder, `${i}.txt`), String(i).repeat(MiB))
    const many = async () => {
      const lists = Array.from({ length: 49 }, () => files.list('pong'))
      await lists[0]
      writeFileSync(join(folder, 'server.js'), 'late')
      const [last] = await Promise.all([files.list('pong'), ...lists])
      expect(last.ok && last.files.at(-1)).toMatchObject({ hash: hash('late') })
    }
    expect(await bytesRead(many)).toBeLessThan(15 * MiB)
  })

  it('gives text as text and anything else as base64', async () => {
    writeFileSync(join(folder, 'a.png'), Buffer.from([0xff, 0]))
    expect(await files.read('pong', 'server.js')).toMatchObject({
      ok: true,
      file: { content: 'one', encoding: 'utf8' },
    })
    expect(await files.read('pong', 'a.png')).toMatchObject({ ok: true, file: { content: '/wA=', encoding: 'base64' } })
  })

  it('follows no link, neither to a file nor through a folder; the same names as real files are read', async () => {
    symlinkSync(join(data, 'secret'), join(folder, 'a.js'))
    symlinkSync(data, join(folder, 'b'))
    expect(await files.read('pong', 'a.js')).toEqual({ ok: false, reason: 'not-a-file' })
    expect(await files.read('pong', 'b/secret')).toEqual({ ok: false, reason: 'not-a-file' })
    rmSync(join(folder, 'a.js'))
    rmSync(join(folder, 'b'))
    mkdirSync(join(folder, 'b'))
    writeFileSync(join(folder, 'a.js'), 'mine')
    writeFileSync(join(folder, 'b/secret'), 'mine')
    expect(await files.read('pong', 'a.js')).toMatchObject({ ok: true, file: { content: 'mine' } })
    expect(await files.read('pong', 'b/secret')).toMatchObject({ ok: true, file: { content: 'mine' } })
  })

  it('never reads the other side while a folder is swapped for a link again and again', async () => {
    mkdirSync(join(folder, 'b'))
    writeFileSync(join(folder, 'b/secret'), 'mine')
    let done = false
    const swap = (async () => {
      while (!done) {
        await rename(join(folder, 'b'), join(folder, 'c'))
        await symlink(data, join(folder, 'b'))
        await unlink(join(folder, 'b'))
        await rename(join(folder, 'c'), join(folder, 'b'))
      }
    })()
    const seen = { mine: 0, refused: 0 }
    for (let i = 0; i < 3_000; i++) {
      const answer = await files.read('pong', 'b/secret')
      if (!answer.ok) seen.refused++
      else {
        expect(answer.file.content).toBe('mine')
        seen.mine++
      }
    }
    done = true
    await swap
    expect(seen.mine).toBeGreaterThan(0)
    expect(seen.refused).toBeGreaterThan(0)
  })

  it('does not wait on a pipe, and calls it no file', async () => {
    expect(await runCommand('mkfifo', [join(folder, 'pipe')])).toEqual({ ok: true })
    expect(await files.read('pong', 'pipe')).toEqual({ ok: false, reason: 'not-a-file' })
  })

  it('refuses a file over the limit; the limit itself is read', async () => {
    writeFileSync(join(folder, 'big'), 'x'.repeat(MAX_FILE_BYTES + 1))
    expect(await files.read('pong', 'big')).toEqual({ ok: false, reason: 'too-large' })
    writeFileSync(join(folder, 'big'), 'x'.repeat(MAX_FILE_BYTES))
    expect(await files.read('pong', 'big')).toMatchObject({ ok: true })
  })

  it('says what is missing: the game or the file', async () => {
    expect(await files.read('nothing', 'server.js')).toEqual({ ok: false, reason: 'no-such-game' })
    expect(await files.read('pong', 'nothing.js')).toEqual({ ok: false, reason: 'no-such-file' })
  })
})

describe('writing', () => {
  it('replaces the version that the writer has seen, and leaves no temporary file', async () => {
    expect(await write('server.js', 'two', hash('one'))).toEqual({ ok: true, hash: hash('two') })
    expect(readFileSync(join(folder, 'server.js'), 'utf8')).toBe('two')
    expect(readdirSync(folder)).toEqual(['server.js'])
    expect(readdirSync(join(data, 'tmp'))).toEqual([])
  })

  it('refuses to replace a version that the writer has not seen', async () => {
    const refused = { ok: false, reason: 'changed-meanwhile', current: hash('one') }
    expect(await write('server.js', 'two', hash('zero'))).toEqual(refused)
    expect(await write('server.js', 'two', null)).toEqual(refused)
    expect(readFileSync(join(folder, 'server.js'), 'utf8')).toBe('one')
  })

  it('lets exactly one of many win who replace the same version', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => write('server.js', `${i}`, hash('one'))))
    const winners = answers.flatMap((answer, i) => (answer.ok ? [`${i}`] : []))
    expect(winners).toHaveLength(1)
    expect(readFileSync(join(folder, 'server.js'), 'utf8')).toBe(winners[0])
  })

  it('makes the folders of a new file', async () => {
    expect(await write('assets/levels/one.json', '{}', null)).toMatchObject({ ok: true })
    expect(readFileSync(join(folder, 'assets/levels/one.json'), 'utf8')).toBe('{}')
  })

  it('never writes through a link, neither at the end nor on the way', async () => {
    symlinkSync(join(data, 'secret'), join(folder, 'a.js'))
    symlinkSync(data, join(folder, 'b'))
    expect(await write('a.js', 'gotcha', null)).toMatchObject({ ok: false, reason: 'not-a-file' })
    expect(await write('b/secret', 'gotcha', hash('not yours'))).toMatchObject({ ok: false, reason: 'not-a-file' })
    expect(await write('b/new', 'gotcha', null)).toMatchObject({ ok: false, reason: 'not-a-file' })
    expect(readFileSync(join(data, 'secret'), 'utf8')).toBe('not yours')
    expect(existsSync(join(data, 'new'))).toBe(false)
  })

  it('refuses a file too many and a file too large; replacing one at the limit is allowed', async () => {
    for (let i = 1; i < MAX_GAME_FILES; i++) writeFileSync(join(folder, `${i}.txt`), '')
    expect(await write('new.js', '', null)).toMatchObject({ ok: false, reason: 'too-many-files' })
    expect(await write('server.js', 'two', hash('one'))).toMatchObject({ ok: true })
    const large = 'x'.repeat(MAX_FILE_BYTES + 1)
    expect(await write('server.js', large, hash('two'))).toMatchObject({ ok: false, reason: 'too-large' })
  })

  it('refuses a file in too many folders, for that reason; one in as many as may be is written', async () => {
    const folders = (count: number) => 'a/'.repeat(count)
    expect(await write(`${folders(MAX_FOLDER_DEPTH)}x.js`, '', null)).toMatchObject({ ok: false, reason: 'too-deep' })
    expect(await write(`${folders(MAX_FOLDER_DEPTH - 1)}x.js`, '', null)).toMatchObject({ ok: true })
    expect(await files.list('pong')).toMatchObject({
      ok: true,
      files: [{ path: expect.stringMatching(/^(a\/)+x.js$/) }, {}],
    })
  })

  it('makes no folder for a file that it refuses, and counts folders as files', async () => {
    const large = 'x'.repeat(MAX_FILE_BYTES + 1)
    expect(await write('a/b/c.js', large, null)).toMatchObject({ ok: false, reason: 'too-large' })
    for (let i = 1; i < MAX_GAME_FILES - 2; i++) mkdirSync(join(folder, `f${i}`))
    expect(await write('a/b/c.js', '', null)).toMatchObject({ ok: false, reason: 'too-many-files' })
    expect(existsSync(join(folder, 'a'))).toBe(false)
    expect(await write('a/c.js', '', null)).toMatchObject({ ok: true })
    expect(await files.list('pong')).toMatchObject({ ok: true, files: [{ path: 'a/c.js' }, { path: 'server.js' }] })
    mkdirSync(join(folder, 'one-too-many'))
    expect(await files.list('pong')).toEqual({ ok: false, reason: 'too-many-files' })
  })

  it('removes the folders that the last file leaves empty, and no other', async () => {
    await write('a/b/c.js', 'c', null)
    await write('a/d.js', 'd', null)
    const remove = (path: string, text: string) => files.remove({ game: 'pong', path, replaces: hash(text) })
    expect(await remove('a/b/c.js', 'c')).toEqual({ ok: true })
    expect(readdirSync(join(folder, 'a'))).toEqual(['d.js'])
    expect(await remove('a/d.js', 'd')).toEqual({ ok: true })
    expect(readdirSync(folder)).toEqual(['server.js'])
    expect(await remove('server.js', 'one')).toEqual({ ok: true })
    expect(readdirSync(folder)).toEqual([])
  })

  it('removes the version that was seen, not another', async () => {
    const remove = (replaces: string) => files.remove({ game: 'pong', path: 'server.js', replaces })
    expect(await remove(hash('zero'))).toEqual({ ok: false, reason: 'changed-meanwhile', current: hash('one') })
    expect(await remove(hash('one'))).toEqual({ ok: true })
    expect(await remove(hash('one'))).toEqual({ ok: false, reason: 'no-such-file', current: null })
  })
})
