import { createHash } from 'node:crypto'
import { MAX_FILE_BYTES } from '@sandlot/shared/limits.ts'
import { expect, it } from 'vitest'
import { Drafts } from './drafts.ts'
import { pathProblem, Workspace } from './workspace.svelte.ts'

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')

function storage() {
  const items = new Map<string, string>()
  return {
    getItem: (name: string) => items.get(name) ?? null,
    setItem: (name: string, value: string) => void items.set(name, value),
    removeItem: (name: string) => void items.delete(name),
  }
}

/** Answers as the studio's door does: a write that replaces another version than the present one is refused. */
function folder(start: Record<string, string>) {
  const files = new Map(Object.entries(start))
  const current = (path: string) => (files.has(path) ? hashOf(files.get(path)!) : null)
  const refusal = (path: string) => ({ ok: false, reason: 'changed-meanwhile', text: 'x', current: current(path) })
  const studio = {
    files: {
      query: async () => ({
        files: [...files].map(([path, text]) => ({ path, bytes: text.length, hash: hashOf(text), text: true })),
      }),
    },
    read: {
      query: async ({ path }: { path: string }) => ({
        ok: true,
        file: { path, content: files.get(path)!, encoding: 'utf8', hash: current(path)! },
      }),
    },
    write: {
      mutate: async (input: { path: string; content: string; replaces: string | null }) => {
        if (input.replaces !== current(input.path)) return refusal(input.path)
        files.set(input.path, input.content)
        return { ok: true, hash: hashOf(input.content) }
      },
    },
    removeFile: {
      mutate: async (input: { path: string; replaces: string }) => {
        if (input.replaces !== current(input.path)) return refusal(input.path)
        files.delete(input.path)
        return { ok: true }
      },
    },
  }
  return { files, studio }
}

async function opened(start: Record<string, string> = { 'server.js': 'one' }, items = storage(), door = folder(start)) {
  const workspace = new Workspace({
    api: { studio: door.studio } as never,
    game: 'pong',
    drafts: new Drafts(items, 'pong'),
  })
  await workspace.start()
  return { workspace, files: door.files, items, door }
}

it('server.js is open at first, and the list has what a creator looks for on top', async () => {
  const { workspace } = await opened({
    'a.js': '',
    'assets/ship.svg': '',
    'client.js': '',
    'server.js': '',
    'game.json': '',
  })
  expect(workspace.openPath).toBe('server.js')
  expect(workspace.paths).toEqual(['game.json', 'server.js', 'client.js', 'a.js', 'assets/ship.svg'])
})

it('typing marks the file, saving writes it and takes the mark away', async () => {
  const { workspace, files } = await opened()
  workspace.type('two')
  expect(workspace.dirtyPaths).toEqual(['server.js'])
  await workspace.save()
  expect(files.get('server.js')).toBe('two')
  expect(workspace.dirtyPaths).toEqual([])
})

it('a file that changed meanwhile is not overwritten, and mine stays in the editor', async () => {
  const { workspace, files } = await opened()
  workspace.type('mine')
  files.set('server.js', 'theirs')
  await workspace.save()
  expect(files.get('server.js')).toBe('theirs')
  expect(workspace.document).toMatchObject({ text: 'mine', theirs: { text: 'theirs' } })
})

it('load theirs shows theirs and can bring mine back', async () => {
  const { workspace, files } = await opened()
  workspace.type('mine')
  files.set('server.js', 'theirs')
  await workspace.save()
  await workspace.resolve('theirs')
  expect(workspace.document).toMatchObject({ text: 'theirs', isDirty: false })
  workspace.bringBack()
  await workspace.save()
  expect(files.get('server.js')).toBe('mine')
})

it('overwrite with mine saves mine and can bring theirs back', async () => {
  const { workspace, files } = await opened()
  workspace.type('mine')
  files.set('server.js', 'theirs')
  await workspace.save()
  await workspace.resolve('mine')
  expect(files.get('server.js')).toBe('mine')
  workspace.bringBack()
  expect(workspace.document).toMatchObject({ text: 'theirs', isDirty: true })
})

it('an untouched file follows a change on disk by itself', async () => {
  const { workspace, files } = await opened()
  files.set('server.js', 'from disk')
  await workspace.refresh()
  expect(workspace.document).toMatchObject({ text: 'from disk', isDirty: false, theirs: null })
})

it('unsaved text survives a reload', async () => {
  const before = await opened()
  before.workspace.type('half a thought')
  const { workspace } = await opened({}, before.items, before.door)
  expect(workspace.document).toMatchObject({ text: 'half a thought', isDirty: true, theirs: null })
})

it('unsaved text from before a reload waits when the file changed since', async () => {
  const before = await opened()
  before.workspace.type('half a thought')
  before.files.set('server.js', 'theirs')
  const { workspace } = await opened({}, before.items, before.door)
  expect(workspace.document).toMatchObject({ text: 'half a thought', theirs: { text: 'theirs' } })
})

it('after a save nothing is left to restore', async () => {
  const before = await opened()
  before.workspace.type('two')
  await before.workspace.save()
  const { workspace } = await opened({}, before.items, before.door)
  expect(workspace.dirtyPaths).toEqual([])
})

it('a new file is on the list at once and on the server after its first save', async () => {
  const { workspace, files } = await opened()
  expect(workspace.create('helper.js')).toBeNull()
  expect(workspace.paths).toContain('helper.js')
  workspace.type('export const x = 1')
  await workspace.save()
  expect(files.get('helper.js')).toBe('export const x = 1')
  expect(workspace.create('helper.js')).toMatch(/already/)
})

it('a deleted file leaves the list and the editor', async () => {
  const { workspace, files } = await opened()
  await workspace.remove('server.js')
  expect(files.has('server.js')).toBe(false)
  expect(workspace).toMatchObject({ openPath: null, document: null, paths: [] })
})

it('a file deleted by others is kept while it has unsaved text', async () => {
  const { workspace, files } = await opened()
  workspace.type('mine')
  files.delete('server.js')
  await workspace.refresh()
  expect(workspace.document).toMatchObject({ text: 'mine', theirs: { hash: null } })
  await workspace.resolve('mine')
  expect(files.get('server.js')).toBe('mine')
})

it('an asset that is too large is not even sent', async () => {
  const { workspace, files } = await opened()
  const read = () => Promise.reject(new Error('must not be read'))
  await workspace.upload({ name: 'big.png', size: MAX_FILE_BYTES + 1, read })
  expect(workspace.notice).toEqual({ kind: 'problem', text: 'big.png is larger than 5 MB. Make it smaller.' })
  await workspace.upload({ name: 'ship.png', size: 3, read: async () => 'AAAA' })
  expect(files.has('assets/ship.png')).toBe(true)
})

it.each(['', '../server.js', '/etc/passwd', 'a//b', '.hidden', 'a\\b', 'a/./b', 'x'.repeat(201)])(
  '%j cannot name a file',
  (path) => expect(pathProblem(path)).not.toBeNull(),
)
it.each(['server.js', 'assets/ship.svg', 'lib/deep/er.ts'])('%j can', (path) => expect(pathProblem(path)).toBeNull())
