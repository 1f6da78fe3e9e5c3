// How each kind of thing is made and changed in Phaser. Values come checked from commands.ts.

import type { Json } from '@sandlot/shared/protocol/messages.ts'
import { GameObjects, type Scene, type Textures } from 'phaser'
import type { Command, Config, Listed } from '../frame.ts'
import { Glide } from './glide.ts'
import type { Pictures } from './pictures.ts'

const CANVAS_DENSITY = 2
const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Open Sans", "DejaVu Sans", sans-serif'
const WHITE = 0xffffff

/** What things need from the stage around them. */
export interface Surroundings {
  scene: Scene
  pictures: Pictures
  /** The renderer can tint by itself. */
  tints: boolean
  /** Drawn pixels for each pixel of the game. */
  zoom: number
  /** Named series of frames. */
  animations: Map<string, Animation>
  /** Puts what was drawn on the camera it belongs to. */
  show(drawn: GameObjects.GameObject, fixed: boolean): void
}
export interface Animation {
  frames: Listed<number>
  rate: number
  loop: boolean
}
type Drawn = GameObjects.Image | GameObjects.Text | GameObjects.Rectangle | GameObjects.Ellipse
type Make<C extends Command['c']> = Extract<Command, { c: C }>

/** One thing on the stage. */
export class StageThing {
  readonly glide: Glide
  protected readonly around: Surroundings
  protected readonly drawn: Drawn

  constructor(around: Surroundings, drawn: Drawn, config: Config, origin: number) {
    this.around = around
    this.drawn = drawn
    this.glide = new Glide(drawn.x, drawn.y)
    drawn.setOrigin(Number(config.originX ?? origin), Number(config.originY ?? origin))
    drawn.setRotation(Number(config.rotation ?? 0)).setAlpha(Number(config.alpha ?? 1))
    drawn.setDepth(Number(config.depth ?? 0)).setVisible(config.visible !== false)
    drawn.setScale(Number(config.scale ?? 1))
    around.scene.add.existing(drawn)
    around.show(drawn, config.fixed === true)
  }

  pose(rotation: number, scale: number, alpha: number): void {
    this.drawn.setRotation(rotation).setScale(scale).setAlpha(alpha)
  }

  /** Draws the thing where its glide is. */
  follow(): void {
    this.drawn.setPosition(this.glide.x, this.glide.y)
  }

  set(name: string, value: Json): void {
    if (name === 'visible') this.drawn.setVisible(value === true)
    if (name === 'depth') this.drawn.setDepth(Number(value))
  }

  /** The stage has another zoom. */
  resized(): void {}
  /** All commands of a frame have been applied. */
  settle(): void {}

  destroy(): void {
    this.drawn.destroy()
  }
}

export class StageSprite extends StageThing {
  declare protected readonly drawn: GameObjects.Image
  type: string
  #tint: number
  #scale: number
  #visible: boolean
  readonly #width: number | undefined
  readonly #height: number | undefined
  #frame: number
  #playing: { animation: Animation; startMs: number } | undefined

  constructor(around: Surroundings, { type, x, y, config }: Make<'sprite'>) {
    const image = new GameObjects.Image(around.scene, x, y, '__DEFAULT')
    super(around, image.setFlip(config.flipX === true, config.flipY === true), config, 0.5)
    this.type = type
    this.#tint = Number(config.tint ?? WHITE)
    this.#scale = Number(config.scale ?? 1)
    this.#visible = config.visible !== false
    this.#width = config.width as number | undefined
    this.#height = config.height as number | undefined
    this.#frame = Number(config.frame ?? 0)
    this.refresh()
  }

  /** Plays an animation from its beginning; an unknown one stops it. */
  play(name: string, nowMs: number): void {
    const animation = this.around.animations.get(name)
    this.#playing = animation && { animation, startMs: nowMs }
    this.advance(nowMs)
  }

  /** Shows the frame that its animation has reached. */
  advance(nowMs: number): void {
    if (!this.#playing) return
    const { animation, startMs } = this.#playing
    const { frames, rate, loop } = animation
    const passed = Math.floor(((nowMs - startMs) / 1000) * rate + 1e-6)
    const frame = frames[loop ? passed % frames.length : Math.min(passed, frames.length - 1)]!
    if (!loop && passed >= frames.length) this.#playing = undefined
    if (frame === this.#frame) return
    this.#frame = frame
    this.refresh()
  }

  /** The picture of its type is another, or has come. */
  refresh(): void {
    const picture = this.around.pictures.get(this.type)
    this.drawn.setVisible(this.#visible && picture !== undefined)
    if (!picture) return
    const { tints, pictures } = this.around
    const shown = tints ? picture : pictures.tinted(picture, this.#tint)
    const frame = pictures.frame(this.type, shown, this.#frame)
    this.drawn.setTexture(shown.key, frame?.name)
    if (tints) this.drawn.setTint(this.#tint)
    const { width, height } = frame ?? picture
    this.drawn.setScale(
      (this.#scale * (this.#width ?? width)) / this.drawn.width,
      (this.#scale * (this.#height ?? height)) / this.drawn.height,
    )
  }

  override pose(rotation: number, scale: number, alpha: number): void {
    this.drawn.setRotation(rotation).setAlpha(alpha)
    if (scale === this.#scale) return
    this.#scale = scale
    this.refresh()
  }

  override set(name: string, value: Json): void {
    if (name === 'type') this.type = String(value)
    else if (name === 'tint') this.#tint = Number(value)
    else if (name === 'visible') this.#visible = value === true
    else if (name === 'frame') {
      this.#frame = Number(value)
      this.#playing = undefined
    } else if (name === 'flipX') this.drawn.setFlipX(value === true)
    else if (name === 'flipY') this.drawn.setFlipY(value === true)
    else {
      super.set(name, value)
      return
    }
    this.refresh()
  }
}

export class StageText extends StageThing {
  declare protected readonly drawn: GameObjects.Text

  constructor(around: Surroundings, { text, x, y, config }: Make<'text'>) {
    const style = {
      fontFamily: FONT,
      fontSize: `${config.size ?? 20}px`,
      fontStyle: config.bold === true ? 'bold' : 'normal',
      color: css(Number(config.color ?? WHITE)),
      align: String(config.align ?? 'left'),
      resolution: around.zoom,
      ...(config.wrap !== undefined && { wordWrap: { width: Number(config.wrap) } }),
    }
    super(around, around.scene.make.text({ x, y, text, style }, false), config, 0)
  }

  override set(name: string, value: Json): void {
    if (name === 'text') this.drawn.setText(String(value))
    else if (name === 'color') this.drawn.setColor(css(Number(value)))
    else super.set(name, value)
  }

  override resized(): void {
    this.drawn.setResolution(this.around.zoom)
  }
}

/** A rectangle or a circle, filled unless only its outline was given a colour. */
export class StageShape extends StageThing {
  declare protected readonly drawn: GameObjects.Rectangle | GameObjects.Ellipse

  constructor(around: Surroundings, make: Make<'rect' | 'circle'>) {
    const { x, y, config } = make
    const drawn =
      make.c === 'rect'
        ? new GameObjects.Rectangle(around.scene, x, y, make.width, make.height)
        : new GameObjects.Ellipse(around.scene, x, y, 2 * make.radius, 2 * make.radius)
    if (config.line !== undefined) drawn.setStrokeStyle(Number(config.lineWidth ?? 2), Number(config.line))
    if (config.color !== undefined || config.line === undefined) drawn.setFillStyle(Number(config.color ?? WHITE))
    super(around, drawn, config, 0.5)
  }

  override set(name: string, value: Json): void {
    if (name === 'color') this.drawn.setFillStyle(Number(value))
    else if (name === 'width') this.#resize(Number(value), this.drawn.height)
    else if (name === 'height') this.#resize(this.drawn.width, Number(value))
    else super.set(name, value)
  }

  #resize(width: number, height: number): void {
    const { originX, originY } = this.drawn
    this.drawn.setSize(width, height).setOrigin(originX, originY)
  }
}

/** A straight line from its place to `width`, `height` away: a thin rectangle, for the renderers draw lines of different thickness. */
export class StageLine extends StageThing {
  declare protected readonly drawn: GameObjects.Rectangle
  #width: number
  #height: number
  #rotation: number

  constructor(around: Surroundings, { x1, y1, x2, y2, config }: Make<'line'>) {
    const color = Number(config.color ?? config.line ?? WHITE)
    const drawn = new GameObjects.Rectangle(around.scene, x1, y1, 1, Number(config.lineWidth ?? 2), color)
    super(around, drawn, { ...config, originX: 0, originY: 0.5 }, 0)
    this.#width = x2 - x1
    this.#height = y2 - y1
    this.#rotation = this.drawn.rotation
    this.#stretch()
  }

  override pose(rotation: number, scale: number, alpha: number): void {
    this.#rotation = rotation
    super.pose(rotation, scale, alpha)
    this.#stretch()
  }

  override set(name: string, value: Json): void {
    if (name === 'color') this.drawn.setFillStyle(Number(value))
    else if (name === 'width') this.#width = Number(value)
    else if (name === 'height') this.#height = Number(value)
    else {
      super.set(name, value)
      return
    }
    this.#stretch()
  }

  #stretch(): void {
    this.drawn.setSize(Math.hypot(this.#width, this.#height), this.drawn.height).setOrigin(0, 0.5)
    this.drawn.setRotation(this.#rotation + Math.atan2(this.#height, this.#width))
  }
}

let canvases = 0

export class StageCanvas extends StageThing {
  readonly #texture: Textures.CanvasTexture
  #stale = false

  constructor(around: Surroundings, { x, y, width, height, config }: Make<'canvas'>) {
    const { scene } = around
    const side = (length: number) => Math.ceil(length * CANVAS_DENSITY)
    const texture = scene.textures.createCanvas(`canvas#${++canvases}`, side(width), side(height))!
    super(around, new GameObjects.Image(scene, x, y, texture.key), config, 0)
    this.#texture = texture
    texture.context.scale(CANVAS_DENSITY, CANVAS_DENSITY)
    this.pose(this.drawn.rotation, Number(config.scale ?? 1), this.drawn.alpha)
  }

  override pose(rotation: number, scale: number, alpha: number): void {
    super.pose(rotation, scale / CANVAS_DENSITY, alpha)
  }

  draw(command: Make<'draw-line' | 'draw-circle' | 'draw-rect' | 'draw-clear'>): void {
    const pen = this.#texture.context
    this.#stale = true
    if (command.c === 'draw-clear') {
      pen.clearRect(0, 0, this.#texture.width, this.#texture.height)
      return
    }
    pen.fillStyle = pen.strokeStyle = css(command.color)
    pen.beginPath()
    if (command.c === 'draw-rect') {
      pen.fillRect(command.x, command.y, command.width, command.height)
      return
    }
    if (command.c === 'draw-circle') {
      pen.arc(command.x, command.y, command.radius, 0, 2 * Math.PI)
      pen.fill()
      return
    }
    pen.lineCap = 'round'
    pen.lineWidth = command.width
    pen.moveTo(command.x1, command.y1)
    pen.lineTo(command.x2, command.y2)
    pen.stroke()
  }

  override settle(): void {
    if (this.#stale) this.#texture.refresh() // uploads it to the graphics card, so once a frame
    this.#stale = false
  }

  override destroy(): void {
    super.destroy()
    this.around.scene.textures.remove(this.#texture.key)
  }
}

const css = (color: number): string => `#${color.toString(16).padStart(6, '0')}`
