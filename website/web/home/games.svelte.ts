// The games that fit a search, page by page. Answers that come too late for what is typed now are dropped.
import type { Api, GameCard } from '../lib/api.ts'
import { explain, type Failure } from '../lib/failure.ts'

const PAGE = 24 // fills rows of 2, 3 and 4 cards

export class Games {
  #api: Pick<Api, 'games'>
  #asked = 0
  #search = $state('')
  #games = $state.raw<GameCard[] | null>(null)
  #next = $state<number | null>(null)
  #failure = $state.raw<Failure | null>(null)
  #busy = $state(false)

  constructor(api: Pick<Api, 'games'>) {
    this.#api = api
  }

  /** The search that `list` answers. */
  get search(): string {
    return this.#search
  }
  /** Null before the first answer. */
  get list(): GameCard[] | null {
    return this.#games
  }
  get failure(): Failure | null {
    return this.#failure
  }
  get hasMore(): boolean {
    return this.#next !== null
  }
  get isBusy(): boolean {
    return this.#busy
  }

  /** Starts over with another search; the old list stays until the answer is there. */
  find(search: string): Promise<void> {
    return this.#load(search, null)
  }
  more(): Promise<void> {
    return this.#next === null ? Promise.resolve() : this.#load(this.#search, this.#next)
  }

  async #load(search: string, cursor: number | null): Promise<void> {
    const turn = ++this.#asked
    this.#busy = true
    try {
      const page = await this.#api.games.list.query({ search, limit: PAGE, ...(cursor !== null && { cursor }) })
      if (turn !== this.#asked) return
      this.#games = cursor === null ? page.games : [...(this.#games ?? []), ...page.games]
      this.#next = page.next
      this.#search = search
      this.#failure = null
    } catch (error) {
      if (turn === this.#asked) this.#failure = explain(error)
    } finally {
      if (turn === this.#asked) this.#busy = false
    }
  }
}
