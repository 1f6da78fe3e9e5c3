// What the worker knows of images: how large they are once the page has loaded them, how they are cut into frames, and which frames follow each other.

import { add, hasOwn, isArray, isFiniteNumber, list, record, TypeProblem, toText } from './safe.ts'
import type { Screen } from './screen.ts'
import { finite, type PictureSizes } from './things.ts'

const RATE = 12
const MAX_FRAMES = 1_000

interface Size {
  width: number
  height: number
}

export class PictureBook implements PictureSizes {
  readonly #screen: Screen
  readonly #sizes = record<Size>()
  readonly #cut = record<Size>()
  readonly #seconds = record<number | 'for ever'>()

  constructor(screen: Screen, sizes: Record<string, Size>) {
    this.#screen = screen
    const names = Object.keys(sizes)
    for (let i = 0; i < names.length; i++) this.#sizes[names[i]!] = sizes[names[i]!]!
  }

  get(type: string): Size | undefined {
    return this.#cut[type] ?? this.#sizes[type]
  }

  /** The page has loaded this image. */
  loaded(type: string, width: number, height: number): void {
    this.#sizes[type] = { width, height }
  }

  readonly sheet = (
    image: string,
    width: number,
    height: number,
    config: { margin?: number; spacing?: number } = {},
  ): void => {
    finite(width, 'sheet: frameWidth')
    finite(height, 'sheet: frameHeight')
    if (width < 1 || height < 1) throw new TypeProblem('sheet: a frame must be at least one pixel wide and high')
    const { margin = 0, spacing = 0 } = config
    const name = toText(image)
    this.#cut[name] = { width, height }
    this.#screen.do({ c: 'sheet', name, width, height, margin, spacing })
  }

  readonly animation = (name: string, { sheet, frames, rate = RATE, loop = true }: AnimationConfig): void => {
    const wanted = toText(sheet)
    if (!hasOwn(this.#cut, wanted))
      throw new TypeProblem(`animation: cut the image first: gameAPI.sheet('${wanted}', frameWidth, frameHeight)`)
    if (!isArray(frames) || frames.length === 0 || frames.length > MAX_FRAMES)
      throw new TypeProblem(`animation: frames must be a list of 1 to ${MAX_FRAMES} numbers`)
    const numbers = list<number>()
    for (let i = 0; i < frames.length; i++) add(numbers, finite(frames[i]!, 'animation: a frame'))
    if (!isFiniteNumber(rate) || rate <= 0) throw new TypeProblem('animation: rate must be more than 0 frames a second')
    this.#seconds[toText(name)] = loop ? 'for ever' : frames.length / rate
    this.#screen.do({ c: 'animation', name: toText(name), sheet: wanted, frames: numbers, rate, loop: loop === true })
  }

  seconds(name: string): number | 'for ever' | undefined {
    return this.#seconds[name]
  }
}
