// A creator's own games: the list, a new one, one less.
import type { Api, MyGame, Template } from '../lib/api.ts'
import { explain, type Failure } from '../lib/failure.ts'

export class MyGames {
  #api: Pick<Api, 'games'>
  #list = $state.raw<MyGame[] | null>(null)
  #failure = $state.raw<Failure | null>(null)

  constructor(api: Pick<Api, 'games'>) {
    this.#api = api
  }

  /** Null before the first answer. */
  get list(): MyGame[] | null {
    return this.#list
  }
  get failure(): Failure | null {
    return this.#failure
  }

  async load(): Promise<void> {
    try {
      this.#list = (await this.#api.games.mine.query()).games
      this.#failure = null
    } catch (error) {
      this.#failure = explain(error)
    }
  }

  async create(title: string, template: Template): Promise<{ ok: true; game: string } | { ok: false; text: string }> {
    if (title.trim() === '') return { ok: false, text: 'Type a title. It can be changed later in game.json.' }
    try {
      const { game } = await this.#api.games.create.mutate({ title: title.trim(), template })
      return { ok: true, game }
    } catch (error) {
      return { ok: false, text: explain(error).text }
    }
  }

  /** Null when it is gone, else a sentence why not. */
  async remove(game: string): Promise<string | null> {
    try {
      await this.#api.games.remove.mutate({ game })
      this.#list = this.#list?.filter(({ id }) => id !== game) ?? null
      return null
    } catch (error) {
      return explain(error).text
    }
  }
}
