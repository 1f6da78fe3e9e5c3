// The handles that the creator's code holds. Each remembers its own values and tells the screen only what changed.
import type { Property } from '../frame.ts'
import { toColor } from './color.ts'
import { harden, isFiniteNumber, TypeProblem, toText } from './safe.ts'
import type { Screen, Transform } from './screen.ts'

type Values = Record<string, Json>
const PLACEHOLDER = 48 // pixels of a side, as stage/placeholder.ts draws it

/** What a thing covers, before scale: its size, and the part of it that lies left of and above its place. */
export interface Extent {
  width: number
  height: number
  originX: number
  originY: number
  round: boolean
}
/** What the worker knows of the pictures that the page has loaded, by name. */
export interface PictureSizes {
  get(type: string): { width: number; height: number } | undefined
}

/** Throws a TypeError that names the field: a NaN that is found here has the creator's own line in its stack. */
export function finite(value: number, what: string): number {
  if (typeof value === 'number' && isFiniteNumber(value)) return value
  throw new TypeProblem(`${what} must be a finite number, not ${toText(value)}`)
}

export class Handle implements Thing {
  readonly id: number
  #body: PhysicsBody | undefined
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

  /** For the physics only. */
  static embody(handle: Handle, body: PhysicsBody | undefined): void {
    handle.#body = body
  }
  static extentOf(handle: Handle): Extent {
    const { width, height } = handle.size()
    const { originX = handle.origin, originY = handle.origin } = handle.#values as unknown as Partial<Extent>
    return { width, height, originX, originY, round: handle.round }
  }
  /** Puts it there without a check: for numbers of our own. */
  static put(handle: Handle, x: number, y: number): void {
    const transform = handle.#transform
    transform.x = x
    transform.y = y
    transform.glide = false
    handle.#screen.moved(handle.id)
  }
  static isFixed(handle: Handle): boolean {
    return handle.#values.fixed === true
  }

  get body(): PhysicsBody | undefined {
    return this.#body
  }
  get alive(): boolean {
    return this.#screen.has(this.id)
  }

  /** The part of its size that lies left of and above its place, unless its configuration says. */
  protected get origin(): number {
    return 0.5
  }
  protected get round(): boolean {
    return false
  }
  protected size(): { width: number; height: number } {
    return { width: PLACEHOLDER, height: PLACEHOLDER }
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

  protected value(name: Property | 'round'): Json {
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

/** Animations of a game, as far as a sprite has to know them. */
export interface Animations {
  /** Seconds one run takes; undefined when there is none of that name. */
  seconds(name: string): number | 'for ever' | undefined
  /** Calls `done` after `seconds`, unless the sprite is told something else before. */
  after(seconds: number, done: () => void): () => void
}

export class SpriteHandle extends Handle implements Sprite {
  readonly #sizes: PictureSizes
  readonly #animations: Animations
  #playing: string | undefined
  #cancel: (() => void) | undefined

  constructor(
    screen: Screen,
    { id, x, y, values }: { id: number; x: number; y: number; values: Values },
    sizes: PictureSizes,
    animations: Animations,
  ) {
    super(screen, id, x, y, values)
    this.#sizes = sizes
    this.#animations = animations
  }

  protected override size(): { width: number; height: number } {
    const picture = this.#sizes.get(this.type)
    const width = this.value('width') as number | undefined
    const height = this.value('height') as number | undefined
    return { width: width ?? picture?.width ?? PLACEHOLDER, height: height ?? picture?.height ?? PLACEHOLDER }
  }

  get width(): number {
    return this.size().width
  }
  get height(): number {
    return this.size().height
  }
  get frame(): number {
    return this.value('frame') as number
  }
  set frame(frame: number) {
    this.#stopped()
    this.assign('frame', finite(frame, 'frame'))
  }
  play(animation: string, onEnd?: () => void): this {
    const name = toText(animation)
    const seconds = this.#animations.seconds(name)
    if (seconds === undefined)
      throw new TypeProblem(`play: there is no animation "${name}": make it with gameAPI.animation`)
    if (this.#playing === name) return this
    this.#stopped()
    this.#playing = name
    this.draw({ c: 'play', id: this.id, name })
    if (seconds === 'for ever') return this
    this.#cancel = this.#animations.after(seconds, () => {
      this.#playing = undefined
      if (onEnd && this.alive) onEnd()
    })
    return this
  }
  stop(): this {
    this.#stopped()
    this.draw({ c: 'play', id: this.id, name: '' })
    return this
  }
  #stopped(): void {
    this.#playing = undefined
    this.#cancel?.()
    this.#cancel = undefined
  }

  get type(): string {
    return this.value('type') as string
  }
  set type(type: string) {
    this.assign('type', toText(type))
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
  protected override get origin(): number {
    return 0
  }
  get text(): string {
    return this.value('text') as string
  }
  set text(text: string) {
    this.assign('text', toText(text))
  }
  get color(): Color {
    return this.value('color') as number
  }
  set color(color: Color) {
    this.assign('color', toColor(color))
  }
}

export class ShapeHandle extends Handle implements Shape {
  protected override get round(): boolean {
    return this.value('round') === true
  }
  protected override size(): { width: number; height: number } {
    return { width: this.width, height: this.height }
  }
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
  protected override get origin(): number {
    return 0
  }
  protected override size(): { width: number; height: number } {
    return { width: this.value('width') as number, height: this.value('height') as number }
  }
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
harden(Handle, SpriteHandle, TextHandle, ShapeHandle, CanvasHandle)
