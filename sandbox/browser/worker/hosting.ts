// What a game without server.js says and hears: the state that its host sets, and what the players send the host.
import { MAX_HOST_STATE_CHARS, MAX_INPUT_CHARS } from '@sandlot/shared/limits.ts'
import { plain } from '@sandlot/shared/protocol/canonical.ts'
import type { Json, SeatedPlayer } from '@sandlot/shared/protocol/messages.ts'
import { defineProperty, freeze, hasOwn, Problem, record, stringify } from './safe.ts'
import type { Screen } from './screen.ts'

/** An error with a name of its own, which `catch` and the overlay show. */
function named(name: string, message: string): Error {
  const error = new Problem(message)
  defineProperty(error, 'name', { __proto__: null, value: name } as PropertyDescriptor)
  return error
}

export class Hosting {
  readonly #screen: Screen
  readonly #relay: boolean
  readonly #me: string
  #sent: Record<string, Json> = record() // by the others, as the runtime knows it
  #input: Json | undefined // our own
  #inputJson = ''
  #inputs: Readonly<Record<string, Json>> = freeze(record<Json>())

  constructor(screen: Screen, relay: boolean, me: string) {
    this.#screen = screen
    this.#relay = relay
    this.#me = me
  }

  /** Throws unless this game has no server.js. */
  #needRelay(what: string): void {
    if (this.#relay) return
    const message = `gameAPI.${what} is for games without server.js; here server.js keeps the state, and gameAPI.send reaches it`
    throw named('HasServerError', message)
  }

  /** Throws NotHostError, StateError (no plain JSON), StateTooLargeError. */
  set(state: unknown, isHost: boolean): void {
    this.#needRelay('setState')
    if (!isHost) throw named('NotHostError', 'Only the host can set the state: ask gameAPI.isHost() first')
    const json = stringify(plain(state, 'state'))
    if (json.length > MAX_HOST_STATE_CHARS) {
      const message = `The state is ${json.length} characters of JSON; the limit is ${MAX_HOST_STATE_CHARS}`
      throw named('StateTooLargeError', message)
    }
    this.#screen.do({ c: 'state', json })
  }

  /** Throws StateError (no plain JSON), InputTooLargeError. */
  send(input: unknown, players: readonly Readonly<SeatedPlayer>[]): void {
    this.#needRelay('sendInput')
    const copy = plain(input, 'input')
    const json = stringify(copy)
    if (json.length > MAX_INPUT_CHARS) {
      const message = `The input is ${json.length} characters of JSON; the limit is ${MAX_INPUT_CHARS}`
      throw named('InputTooLargeError', message)
    }
    if (json === this.#inputJson) return
    this.#inputJson = json
    this.#input = copy
    this.#screen.do({ c: 'input', json })
    this.gather(players)
  }

  heard(inputs: Record<string, Json>): void {
    this.#sent = inputs
  }

  /** Puts together what `inputs` gives: of those who are connected. */
  gather(players: readonly Readonly<SeatedPlayer>[]): void {
    const all = record<Json>()
    for (let i = 0; i < players.length; i++) {
      const { id, connected } = players[i]!
      if (id === this.#me) {
        if (this.#input !== undefined) all[id] = this.#input
      } else if (connected && hasOwn(this.#sent, id)) all[id] = this.#sent[id]!
    }
    this.#inputs = freeze(all)
  }

  inputs(): Readonly<Record<string, Json>> {
    this.#needRelay('getInputs')
    return this.#inputs
  }
}
