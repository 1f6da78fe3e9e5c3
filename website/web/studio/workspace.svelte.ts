// A game's files as its creator edits them: the list, the open document, saving. No text is lost when two people save.
import { MAX_FILE_BYTES, MAX_PATH_LENGTH } from '@sandlot/shared/limits.ts'
import { SvelteMap } from 'svelte/reactivity'
import type { Api, GameFile } from '../lib/api.ts'
import { explain, type Failure } from '../lib/failure.ts'
import { Document } from './document.svelte.ts'
import type { Draft, Drafts } from './drafts.ts'

type Studio = Pick<Api, 'studio'>
export interface Asset {
  name: string
  size: number
  /** The file's bytes in base64. */
  read: () => Promise<string>
}
/** What the last deed came to, for the status line. */
export interface Notice {
  kind: 'done' | 'problem'
  text: string
}

const SECTIONS = ['game.json', 'server.js', 'server.ts', 'client.js', 'client.ts'] // what a creator looks for first
const rank = (path: string): number => {
  const index = SECTIONS.indexOf(path)
  return index === -1 ? SECTIONS.length : index
}

export class Workspace {
  readonly game: string
  #api: Studio
  #drafts: Drafts
  #documents = new SvelteMap<string, Document>()
  #files = $state.raw<GameFile[] | null>(null)
  #failure = $state.raw<Failure | null>(null)
  #openPath = $state<string | null>(null)
  #opening = $state(false)
  #notice = $state.raw<Notice | null>(null)
  #paths = $derived(this.#listPaths())

  constructor(deps: { api: Studio; game: string; drafts: Drafts }) {
    this.game = deps.game
    this.#api = deps.api
    this.#drafts = deps.drafts
  }

  /** All paths, those of unsaved new files too; null before the first answer. */
  get paths(): string[] | null {
    return this.#paths
  }
  get failure(): Failure | null {
    return this.#failure
  }
  get openPath(): string | null {
    return this.#openPath
  }
  get openFile(): GameFile | null {
    return this.#file(this.#openPath)
  }
  /** The open text file; null while it loads, and for files that are no text. */
  get document(): Document | null {
    return this.#openPath === null ? null : (this.#documents.get(this.#openPath) ?? null)
  }
  get isOpening(): boolean {
    return this.#opening
  }
  get notice(): Notice | null {
    return this.#notice
  }
  get dirtyPaths(): string[] {
    return [...this.#documents.values()].filter((document) => document.isDirty).map(({ path }) => path)
  }
  isDirty(path: string): boolean {
    return this.#documents.get(path)?.isDirty ?? false
  }

  /** The first look: the list, unsaved text from before a reload, and the most useful file opened. */
  async start(): Promise<void> {
    await this.refresh()
    for (const [path, draft] of this.#drafts.all()) await this.#restore(path, draft)
    const first = this.paths?.[0]
    const preferred = this.dirtyPaths[0] ?? ['server.js', 'server.ts', 'client.js'].find((path) => this.#file(path))
    if (this.#openPath === null && (preferred ?? first)) await this.open((preferred ?? first)!)
  }

  /** Looks at the list again; open files that changed on disk follow, or wait for a decision when they have unsaved text. */
  async refresh(): Promise<void> {
    try {
      this.#files = (await this.#api.studio.files.query({ game: this.game })).files
      this.#failure = null
    } catch (error) {
      this.#failure = explain(error)
      return
    }
    for (const document of [...this.#documents.values()]) await this.#follow(document)
  }

  async open(path: string): Promise<void> {
    this.#openPath = path
    this.#notice = null
    const file = this.#file(path)
    if (this.#documents.has(path) || !file?.text) return
    this.#opening = true
    const content = await this.#read(path)
    if (content && !this.#documents.has(path)) this.#documents.set(path, new Document(path, content))
    this.#opening = false
  }

  /** Every keystroke ends here: remembered at once. */
  type(text: string): void {
    if (!this.document) return
    this.document.text = text
    this.#remember()
  }

  async save(): Promise<void> {
    const { document } = this
    if (!document || document.isSaving || document.theirs || !document.isDirty) return
    const { text } = document
    document.isSaving = true
    try {
      const answer = await this.#api.studio.write.mutate({
        game: this.game,
        path: document.path,
        content: text,
        encoding: 'utf8',
        replaces: document.hash,
      })
      if (answer.ok) {
        document.saved(text, answer.hash)
        this.#say('done', `Saved ${document.path}`)
        await this.refresh()
      } else if (answer.reason === 'changed-meanwhile') {
        await this.#conflict(document, answer.current)
      } else this.#say('problem', answer.text)
    } catch (error) {
      this.#say('problem', `${document.path} is not saved. ${explain(error).text}`)
    } finally {
      document.isSaving = false
      this.#remember()
    }
  }

  /** A choice in a conflict. `mine` saves over theirs at once. */
  async resolve(choice: 'mine' | 'theirs'): Promise<void> {
    const { document } = this
    if (!document) return
    if (choice === 'theirs') {
      if (document.theirs?.hash === null) this.#forget(document.path)
      else document.useTheirs()
    } else {
      document.useMine()
      await this.save()
    }
    this.#remember()
  }
  bringBack(): void {
    this.document?.bringBack()
    this.#remember()
  }

  /** Opens an empty new file; it reaches the server with its first save. Returns a sentence when the name is no good. */
  create(path: string): string | null {
    const problem = pathProblem(path)
    if (problem) return problem
    if (this.paths?.includes(path)) return `There is a file ${path} already. Choose another name.`
    this.#documents.set(path, new Document(path, { text: '', hash: null }))
    this.#openPath = path
    this.#notice = null
    this.#remember()
    return null
  }

  /** Puts a file into assets/, over the one of that name if there is one. */
  async upload(asset: Asset): Promise<void> {
    const path = `assets/${asset.name}`
    const problem = pathProblem(path)
    if (problem) return this.#say('problem', problem)
    if (asset.size > MAX_FILE_BYTES)
      return this.#say('problem', `${asset.name} is larger than ${MAX_FILE_BYTES / 1024 ** 2} MB. Make it smaller.`)
    try {
      const content = await asset.read()
      const replaces = this.#file(path)?.hash ?? null
      const answer = await this.#api.studio.write.mutate({
        game: this.game,
        path,
        content,
        encoding: 'base64',
        replaces,
      })
      await this.refresh()
      if (answer.ok) this.#openPath = path
      this.#say(answer.ok ? 'done' : 'problem', answer.ok ? `Uploaded ${path}` : answer.text)
    } catch (error) {
      this.#say('problem', `${asset.name} is not uploaded. ${explain(error).text}`)
    }
  }

  async remove(path: string): Promise<void> {
    const file = this.#file(path)
    try {
      if (file) {
        const answer = await this.#api.studio.removeFile.mutate({ game: this.game, path, replaces: file.hash })
        if (!answer.ok) {
          this.#say('problem', answer.text)
          return await this.refresh()
        }
      }
      this.#forget(path)
      await this.refresh()
      this.#say('done', `Deleted ${path}`)
    } catch (error) {
      this.#say('problem', `${path} is not deleted. ${explain(error).text}`)
    }
  }

  #listPaths(): string[] | null {
    if (!this.#files) return null
    const paths = new Set(this.#files.map(({ path }) => path))
    for (const path of this.#documents.keys()) paths.add(path)
    const inFolder = (path: string) => Number(path.includes('/'))
    return [...paths].sort((a, b) => inFolder(a) - inFolder(b) || rank(a) - rank(b) || a.localeCompare(b))
  }

  #file(path: string | null): GameFile | null {
    return this.#files?.find((file) => file.path === path) ?? null
  }

  async #read(path: string): Promise<{ text: string; hash: string } | null> {
    try {
      const answer = await this.#api.studio.read.query({ game: this.game, path })
      if (answer.ok) return { text: answer.file.content, hash: answer.file.hash }
      this.#say('problem', answer.text)
    } catch (error) {
      this.#say('problem', `${path} cannot be read. ${explain(error).text}`)
    }
    return null
  }

  async #follow(document: Document): Promise<void> {
    const file = this.#file(document.path)
    const known = document.theirs?.hash ?? document.hash
    if (document.isSaving || (file?.hash ?? null) === known) return
    if (!file) {
      if (document.isDirty) document.changed({ text: '', hash: null })
      else this.#documents.delete(document.path)
      return
    }
    const content = await this.#read(document.path)
    if (content) document.changed(content)
  }

  async #conflict(document: Document, current: string | null): Promise<void> {
    if (current === null) return document.changed({ text: '', hash: null })
    const theirs = await this.#read(document.path)
    if (theirs) document.changed(theirs)
  }

  async #restore(path: string, draft: Draft): Promise<void> {
    if (this.#documents.has(path)) return
    const server = this.#file(path) ? await this.#read(path) : null
    if (this.#file(path) && !server) return // stays remembered for the next time
    const document = new Document(path, server ?? { text: '', hash: null })
    document.restore(draft.text, draft.base)
    this.#documents.set(path, document)
  }

  #forget(path: string): void {
    this.#documents.delete(path)
    if (this.#openPath === path) this.#openPath = null
    this.#remember()
  }

  #remember(): void {
    const dirty = [...this.#documents.values()].filter((document) => document.isDirty)
    this.#drafts.keep(new Map(dirty.map(({ path, text, hash }) => [path, { text, base: hash }])))
  }

  #say(kind: Notice['kind'], text: string): void {
    this.#notice = { kind, text }
  }
}

/** A sentence when `path` cannot name a file of a game, else null. The server checks again. */
export function pathProblem(path: string): string | null {
  if (path === '') return 'Type a name, such as helper.js or assets/ship.svg.'
  if (path.length > MAX_PATH_LENGTH) return `The name is too long. Use at most ${MAX_PATH_LENGTH} characters.`
  const names = path.split('/')
  if (names.some((name) => name === '' || name.startsWith('.') || /[\\\p{Cc}]/u.test(name)))
    return 'Use a path inside the game, such as helper.js or assets/ship.svg, with no name that starts with a dot.'
  return null
}
