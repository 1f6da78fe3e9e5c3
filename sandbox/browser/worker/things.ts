// The handles that the creator's code holds. Each remembers its own values and tells the screen only what changed.
import type { Property } from '../frame.ts'
import { toColor } from './color.ts'
import type { Screen, Transform } from './screen.ts'

type Values = Record<string, Json>

/** Throws a TypeError that names the field: a NaN that is found here has the creator's own line in its stack. */
export function finite(value: number, what: string): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new TypeError(`${what} must be a finite number, not ${String(value)}`)
}

export class Handle implements Thing {
  readonly id: number
  readonly #screen: Screen
  readonly #transform: Transform
  readonly #values: Values

  /** `config` holds the values the thing was made with. */
  constructor(screen: Screen, id: number, x: number, y: number, config: Values) {
    this.id = id
    this.#screen = screen
    const { rotation = 0, scale = 1, alpha = 1 } = config as unknown as Partial<Transform>
    this.#transform = { glide: false, x, y, rotation, scale, alpha }
    this.#values = { visible: true, depth: 0, ...config }
  }

  /** For the screen only: the creator's code has no way to it. */
  static transformOf(handle: Handle): Transform {
    return handle.#transform
  }

  get x(): number {
    return this.#transform.x
  }
  set x(x: number) {
    this.#place(x, this.#transform.y, false)
  }
  get y(): number {
    return this.#transform.y
  }
  set y(y: number) {
    this.#place(this.#transform.x, y, false)
  }
  get rotation(): number {
    return this.#transform.rotation
  }
  set rotation(value: number) {
    this.#turn('rotation', value)
  }
  get scale(): number {
    return this.#transform.scale
  }
  set scale(value: number) {
    this.#turn('scale', value)
  }
  get alpha(): number {
    return this.#transform.alpha
  }
  set alpha(value: number) {
    this.#turn('alpha', value)
  }
  get visible(): boolean {
    return this.value('visible') as boolean
  }
  set visible(visible: boolean) {
    this.assign('visible', Boolean(visible))
  }
  get depth(): number {
    return this.value('depth') as number
  }
  set depth(depth: number) {
    this.assign('depth', finite(depth, 'depth'))
  }

  moveTo(x: number, y: number): this {
    this.#place(x, y, true)
    return this
  }

  destroy(): void {
    this.#screen.remove(this.id)
  }

  protected value(name: Property): Json {
    return this.#values[name]!
  }

  protected assign(name: Property, value: Json): void {
    if (this.#values[name] === value) return
    this.#values[name] = value
    if (this.#screen.has(this.id)) this.#screen.do({ c: 'set', id: this.id, name, value })
  }

  protected draw(command: Parameters<Screen['do']>[0]): void {
    if (this.#screen.has(this.id)) this.#screen.do(command)
  }

  #place(x: number, y: number, glide: boolean): void {
    const transform = this.#transform
    if (transform.x === x && transform.y === y && (glide || !transform.glide)) return
    transform.x = finite(x, 'x')
    transform.y = finite(y, 'y')
    transform.glide = glide
    this.#screen.moved(this.id)
  }

  #turn(name: 'rotation' | 'scale' | 'alpha', value: number): void {
    if (this.#transform[name] === value) return
    this.#transform[name] = finite(value, name)
    this.#screen.moved(this.id)
  }
}

export class SpriteHandle extends Handle implements Sprite {
  get type(): string {
    return this.value('type') as string
  }
  set type(type: string) {
    this.assign('type', String(type))
  }
  get tint(): Color {
    return this.value('tint') as number
  }
  set tint(tint: Color) {
    this.assign('tint', toColor(tint))
  }
  get flipX(): boolean {
    return this.value('flipX') as boolean
  }
  set flipX(flip: boolean) {
    this.assign('flipX', Boolean(flip))
  }
  get flipY(): boolean {
    return this.value('flipY') as boolean
  }
  set flipY(flip: boolean) {
    this.assign('flipY', Boolean(flip))
  }
}

export class TextHandle extends Handle implements TextThing {
  get text(): string {
    return this.value('text') as string
  }
  set text(text: string) {
    this.assign('text', String(text))
  }
  get color(): Color {
    return this.value('color') as number
  }
  set color(color: Color) {
    this.assign('color', toColor(color))
  }
}

export class ShapeHandle extends Handle implements Shape {
  get color(): Color {
    return this.value('color') as number
  }
  set color(color: Color) {
    this.assign('color', toColor(color))
  }
  get width(): number {
    return this.value('width') as number
  }
  set width(width: number) {
    this.assign('width', finite(width, 'width'))
  }
  get height(): number {
    return this.value('height') as number
  }
  set height(height: number) {
    this.assign('height', finite(height, 'height'))
  }
}

const WHITE = 0xffffff

export class CanvasHandle extends Handle implements Canvas {
  line(x1: number, y1: number, x2: number, y2: number, color: Color = WHITE, width = 2): this {
    this.draw({ c: 'draw-line', id: this.id, x1, y1, x2, y2, color: toColor(color), width })
    return this
  }
  circle(x: number, y: number, radius: number, color: Color = WHITE): this {
    this.draw({ c: 'draw-circle', id: this.id, x, y, radius, color: toColor(color) })
    return this
  }
  rect(x: number, y: number, width: number, height: number, color: Color = WHITE): this {
    this.draw({ c: 'draw-rect', id: this.id, x, y, width, height, color: toColor(color) })
    return this
  }
  clear(): this {
    this.draw({ c: 'draw-clear', id: this.id })
    return this
  }
}
