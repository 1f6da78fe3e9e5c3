// Starts and stops a game for its creator, one thing at a time, and says what did not work.
import type { Api } from '../lib/api.ts'
import { explain } from '../lib/failure.ts'

export type Deed = 'start' | 'stop' | 'restart'

export class Run {
  readonly game: string
  #api: Pick<Api, 'studio'>
  #doing = $state<Deed | null>(null)
  #problem = $state<string | null>(null)

  constructor(deps: { api: Pick<Api, 'studio'>; game: string }) {
    this.game = deps.game
    this.#api = deps.api
  }

  /** What is under way. */
  get doing(): Deed | null {
    return this.#doing
  }
  /** Why the last deed came to nothing; null when it worked. */
  get problem(): string | null {
    return this.#problem
  }

  /** True when it worked. A second press while one is under way does nothing. A restart is a stop, then a start. */
  async do(deed: Deed): Promise<boolean> {
    if (this.#doing) return false
    this.#doing = deed
    this.#problem = null
    try {
      for (const step of deed === 'restart' ? (['stop', 'start'] as const) : [deed]) {
        const answer = await this.#api.studio[step].mutate({ game: this.game })
        if (answer.ok) continue
        this.#problem = answer.text
        return false
      }
      return true
    } catch (error) {
      this.#problem = explain(error).text
      return false
    } finally {
      this.#doing = null
    }
  }
}
