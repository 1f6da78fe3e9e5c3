// One open text file: what is typed, what the server has, and both sides of a conflict until one is chosen.

/**
 * Text and version only: loading and saving belong to the workspace.
 * `theirs` is set while somebody else's newer version waits for a decision; nothing of either side is dropped before.
 */
export class Document {
  readonly path: string
  #text = $state('')
  #saved = $state('')
  #hash = $state<string | null>(null)
  #theirs = $state.raw<{ text: string; hash: string | null } | null>(null)
  #undo = $state.raw<{ text: string; whose: 'mine' | 'theirs' } | null>(null)
  #saving = $state(false)

  constructor(path: string, server: { text: string; hash: string | null }) {
    this.path = path
    this.#text = server.text
    this.#saved = server.text
    this.#hash = server.hash
  }

  get text(): string {
    return this.#text
  }
  set text(text: string) {
    this.#text = text
  }
  /** Hash of the version that a save replaces. */
  get hash(): string | null {
    return this.#hash
  }
  /** A file that is not on the server yet counts as changed even when empty. */
  get isDirty(): boolean {
    return this.#text !== this.#saved || this.#hash === null
  }
  get theirs(): { text: string; hash: string | null } | null {
    return this.#theirs
  }
  /** The side that lost the last conflict, until the next save. */
  get undo(): { text: string; whose: 'mine' | 'theirs' } | null {
    return this.#undo
  }
  get isSaving(): boolean {
    return this.#saving
  }
  set isSaving(saving: boolean) {
    this.#saving = saving
  }

  /** The server has this version now. `text` is what was sent: more may have been typed since. */
  saved(text: string, hash: string): void {
    this.#saved = text
    this.#hash = hash
    this.#theirs = null
    if (this.#undo?.whose === 'mine') this.#undo = null
  }

  /** Brings back text from before a reload, typed over version `base`. */
  restore(text: string, base: string | null): void {
    if (text === this.#saved && this.#hash !== null) return
    if (base !== this.#hash) this.#theirs = { text: this.#saved, hash: this.#hash }
    this.#text = text
  }

  /** The server's version changed. Untouched text follows silently; typed text waits for a decision. */
  changed(server: { text: string; hash: string | null }): void {
    if (server.hash === this.#hash) return
    if (this.isDirty && server.text !== this.#text) this.#theirs = server
    else this.#take(server)
  }

  /** Decides for the other version. Mine can be brought back until the next save. */
  useTheirs(): void {
    if (!this.#theirs) return
    this.#undo = { text: this.#text, whose: 'mine' }
    this.#take(this.#theirs)
  }

  /** Decides for mine: the next save replaces theirs, which can be brought back afterwards. */
  useMine(): void {
    if (!this.#theirs) return
    this.#undo = { text: this.#theirs.text, whose: 'theirs' }
    this.#saved = this.#theirs.text
    this.#hash = this.#theirs.hash
    this.#theirs = null
  }

  /** Puts the side that lost back into the editor, unsaved. */
  bringBack(): void {
    if (!this.#undo) return
    this.#text = this.#undo.text
    this.#undo = null
  }

  #take(server: { text: string; hash: string | null }): void {
    this.#text = server.text
    this.#saved = server.text
    this.#hash = server.hash
    this.#theirs = null
  }
}
