// Makes things: the handle for the creator's code, the command for the page.
import type { Command } from '../frame.ts'
import { plainConfig } from './color.ts'
import { TypeProblem, toText } from './safe.ts'
import type { Screen } from './screen.ts'
import {
  type Animations,
  CanvasHandle,
  finite,
  Handle,
  type PictureSizes,
  ShapeHandle,
  SpriteHandle,
  TextHandle,
} from './things.ts'

const WHITE = 0xffffff

function at(what: string, x: number, y: number): void {
  finite(x, `${what}: x`)
  finite(y, `${what}: y`)
}

export class Maker {
  readonly #screen: Screen
  readonly #sizes: PictureSizes
  readonly #animations: Animations

  constructor(screen: Screen, sizes: PictureSizes, animations: Animations) {
    this.#screen = screen
    this.#sizes = sizes
    this.#animations = animations
  }

  readonly sprite = (type: string, x: number, y: number, config?: SpriteConfig): Sprite => {
    at('createSprite', x, y)
    if (typeof type !== 'string')
      throw new TypeProblem(
        `createSprite: the first argument names an image, such as 'ship'; it is not ${toText(type)}`,
      )
    const plain = plainConfig(config)
    const name = type
    const id = this.#screen.newId()
    const values = { flipX: false, flipY: false, tint: WHITE, frame: 0, ...plain, type: name }
    const sprite = new SpriteHandle(this.#screen, { id, x, y, values }, this.#sizes, this.#animations)
    return this.#add(sprite, { c: 'sprite', id, type: name, x, y, config: plain })
  }

  readonly text = (text: string, x: number, y: number, config?: TextConfig): TextThing => {
    at('createText', x, y)
    const plain = plainConfig(config)
    const words = toText(text)
    const id = this.#screen.newId()
    const handle = new TextHandle(this.#screen, id, x, y, { color: WHITE, ...plain, text: words })
    return this.#add(handle, { c: 'text', id, text: words, x, y, config: plain })
  }

  readonly rect = (x: number, y: number, width: number, height: number, config?: ShapeConfig): Shape => {
    at('createRect', x, y)
    const plain = plainConfig(config)
    const id = this.#screen.newId()
    const rect = new ShapeHandle(this.#screen, id, x, y, { color: WHITE, ...plain, width, height })
    return this.#add(rect, { c: 'rect', id, x, y, width, height, config: plain })
  }

  readonly circle = (x: number, y: number, radius: number, config?: ShapeConfig): Shape => {
    at('createCircle', x, y)
    const plain = plainConfig(config)
    const id = this.#screen.newId()
    const values = { color: WHITE, ...plain, width: 2 * radius, height: 2 * radius, round: true }
    return this.#add(new ShapeHandle(this.#screen, id, x, y, values), { c: 'circle', id, x, y, radius, config: plain })
  }

  readonly line = (x1: number, y1: number, x2: number, y2: number, config?: ShapeConfig): Shape => {
    at('createLine', x1, y1)
    const plain = plainConfig(config)
    const id = this.#screen.newId()
    const line = new ShapeHandle(this.#screen, id, x1, y1, { color: WHITE, ...plain, width: x2 - x1, height: y2 - y1 })
    return this.#add(line, { c: 'line', id, x1, y1, x2, y2, config: plain })
  }

  readonly canvas = (x: number, y: number, width: number, height: number, config?: ThingConfig): Canvas => {
    at('createCanvas', x, y)
    const plain = plainConfig(config)
    const id = this.#screen.newId()
    const canvas = new CanvasHandle(this.#screen, id, x, y, { ...plain, width, height })
    return this.#add(canvas, { c: 'canvas', id, x, y, width, height, config: plain })
  }

  #add<T extends Handle>(thing: T, command: Command): T {
    this.#screen.add(thing.id, thing, Handle.transformOf(thing), command)
    return thing
  }
}
