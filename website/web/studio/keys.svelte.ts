// The SSH keys that open a creator's folders over SFTP.
import type { Api } from '../lib/api.ts'
import { explain } from '../lib/failure.ts'

export class Keys {
  #api: Pick<Api, 'studio'>
  #text = $state<string | null>(null)
  #message = $state.raw<{ kind: 'done' | 'problem'; text: string } | null>(null)
  #isSaving = $state(false)

  constructor(api: Pick<Api, 'studio'>) {
    this.#api = api
  }

  /** One key a line; null until it is loaded. */
  get text(): string | null {
    return this.#text
  }
  set text(text: string) {
    this.#text = text
  }
  get message() {
    return this.#message
  }
  get isSaving(): boolean {
    return this.#isSaving
  }

  async load(): Promise<void> {
    try {
      this.#text = (await this.#api.studio.keys.query()).keys.join('\n')
      this.#message = null
    } catch (error) {
      this.#message = { kind: 'problem', text: explain(error).text }
    }
  }

  async save(): Promise<void> {
    if (this.#text === null || this.#isSaving) return
    const keys = this.#text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean)
    this.#isSaving = true
    try {
      const answer = await this.#api.studio.setKeys.mutate({ keys })
      this.#text = answer.keys.join('\n')
      this.#message = { kind: 'done', text: saved(answer) }
    } catch (error) {
      this.#message = { kind: 'problem', text: explain(error).text }
    } finally {
      this.#isSaving = false
    }
  }
}

function saved({
  keys,
  applied,
  isFull,
  hasGames,
}: {
  keys: string[]
  applied: boolean
  isFull: boolean
  hasGames: boolean
}): string {
  if (isFull)
    return 'Saved, but the machine of your games has as many creators with keys as it can have. Keys that you removed open nothing any more; new ones work when there is room. Until then, change your files here.'
  if (!applied)
    return 'Saved, but a machine of your games does not answer. Until it does, it knows your keys of before; it is told by itself.'
  if (keys.length === 0) return 'Saved. No key opens your games any more.'
  return hasGames ? 'Saved. The keys work now.' : 'Saved. They work as soon as you have a game.'
}
