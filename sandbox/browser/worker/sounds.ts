// Sounds as the creator's code sees them. The page plays them, and knows which have come to their end.

import { harden, hasOwn, TypeProblem, toText } from './safe.ts'
import type { Screen } from './screen.ts'
import { finite } from './things.ts'

class Playing implements GameSound {
  readonly id: number
  readonly #screen: Screen
  #volume: number

  constructor(screen: Screen, id: number, volume: number) {
    this.#screen = screen
    this.id = id
    this.#volume = volume
  }

  get volume(): number {
    return this.#volume
  }
  set volume(volume: number) {
    this.#volume = finite(volume, 'volume')
    this.#screen.do({ c: 'sound-volume', id: this.id, volume })
  }

  stop(): void {
    this.#screen.do({ c: 'sound-stop', id: this.id, name: '' })
  }
}

export class Sounds {
  readonly #screen: Screen
  readonly #known: Record<string, string>
  #lastId = 0
  #volume = 1

  /** `known`: the names of the game's sounds. */
  constructor(screen: Screen, known: Record<string, string>) {
    this.#screen = screen
    this.#known = known
  }

  play(name: string, { volume = 1, loop = false, rate = 1 }: SoundConfig = {}): GameSound {
    const wanted = toText(name)
    if (!hasOwn(this.#known, wanted))
      throw new TypeProblem(
        `playSound: there is no sound "${wanted}": put assets/${wanted}.mp3, .ogg, .wav or .m4a beside client.js`,
      )
    const id = ++this.#lastId
    finite(volume, 'playSound: volume')
    finite(rate, 'playSound: rate')
    this.#screen.do({ c: 'sound', id, name: wanted, volume, loop: loop === true, rate })
    return new Playing(this.#screen, id, volume)
  }

  stop(sound?: GameSound | string): void {
    if (sound === undefined) this.#screen.do({ c: 'sound-stop', id: 0, name: '' })
    else if (typeof sound === 'string') this.#screen.do({ c: 'sound-stop', id: 0, name: sound })
    else sound.stop()
  }

  get volume(): number {
    return this.#volume
  }
  set volume(volume: number) {
    this.#volume = finite(volume, 'volume')
    this.#screen.do({ c: 'volume', volume })
  }
}
harden(Playing)
