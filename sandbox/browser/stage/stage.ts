// The picture of the game: Phaser, driven by checked commands. It knows nothing of the network or of the worker.

import type { ClientBuild } from '@sandlot/shared/protocol/messages.ts'
import { CANVAS, type Cameras, Game, type GameObjects, type Scene, WEBGL } from 'phaser'
import type { Command } from '../frame.ts'
import { Pictures } from './pictures.ts'
import {
  StageCanvas,
  StageLine,
  StageShape,
  StageSprite,
  StageText,
  type StageThing,
  type Surroundings,
} from './things.ts'
import { type Place, View } from './view.ts'

const STEPLESS_GLIDE_MS = 100 // for a game that steps only on events
const MAX_PIXELS = 2560 * 1440 // more than this costs frames, and nobody sees it
const CONTEXT = { failIfMajorPerformanceCaveat: true }
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i

export interface StageEvents {
  /** Each drawn frame, before it is drawn. */
  frame(nowMs: number): void
  log(text: string): void
  /** An image of the game was loaded. */
  picture(name: string, width: number, height: number): void
  /** The graphics card took the picture away, and gave it back. */
  context(state: 'lost' | 'restored'): void
}

export class Stage {
  readonly canvas: HTMLCanvasElement
  readonly #game: Game
  readonly #scene: Scene
  readonly #around: Surroundings
  readonly #things = new Map<number, StageThing>()
  readonly #view = new View()
  readonly #moving = new Set<StageSprite>() // sprites that play an animation, or did
  #fixed: Cameras.Scene2D.Camera | undefined // draws what does not follow the camera; there is none until a game needs it
  #size = { width: 800, height: 600 }
  #glideMs = STEPLESS_GLIDE_MS
  #nowMs = 0

  /** Starts Phaser inside `parent`; resolves when it draws. */
  static start(parent: HTMLElement, events: StageEvents): Promise<Stage> {
    const canvas = document.createElement('canvas')
    const webgl = hasFastWebgl()
    return new Promise((resolve) => {
      const game = new Game({
        type: webgl ? WEBGL : CANVAS,
        parent,
        canvas,
        width: 800,
        height: 600,
        banner: false,
        audio: { noAudio: true },
        input: { keyboard: false, mouse: false, touch: false, gamepad: false },
        render: CONTEXT,
        scale: { mode: 0 },
        scene: {
          create(this: Scene) {
            resolve(new Stage(game, this, canvas, webgl, events))
          },
        },
      })
    })
  }

  private constructor(game: Game, scene: Scene, canvas: HTMLCanvasElement, tints: boolean, events: StageEvents) {
    this.#game = game
    this.#scene = scene
    this.canvas = canvas
    const pictures = new Pictures(
      scene.textures,
      (type) => {
        for (const thing of this.#things.values())
          if (thing instanceof StageSprite && thing.type === type) thing.refresh()
        const size = pictures.sizes()[type]
        if (size) events.picture(type, size.width, size.height)
      },
      events.log,
    )
    this.#around = {
      scene,
      pictures,
      tints,
      zoom: 1,
      animations: new Map(),
      show: (drawn, fixed) => this.#show(drawn, fixed),
    }
    scene.events.on('update', () => {
      this.#nowMs = performance.now()
      events.frame(this.#nowMs)
      for (const thing of this.#things.values()) if (thing.glide.advance(this.#nowMs)) thing.follow()
      for (const sprite of this.#moving) sprite.advance(this.#nowMs)
      this.#view.advance(this.#nowMs)
      this.#look()
    })
    for (const state of ['lost', 'restored'] as const)
      canvas.addEventListener(`webglcontext${state}`, () => events.context(state))
    addEventListener('resize', () => this.#fit())
    this.#fit()
  }

  /** What of the world is under a point of the screen. */
  toWorld(place: Place): Place {
    return this.#view.toWorld(place)
  }
  /** Where the camera looks. */
  get looksAt(): Place {
    return { x: this.#view.x, y: this.#view.y }
  }
  get pictureSizes(): Record<string, { width: number; height: number }> {
    return this.#around.pictures.sizes()
  }
  /** How many things there are. */
  get count(): number {
    return this.#things.size
  }

  get size(): { readonly width: number; readonly height: number } {
    return this.#size
  }

  /** Takes the size, images and pace of a build. What is drawn stays until `clear`. */
  use(client: ClientBuild): void {
    this.#size = { width: client.width, height: client.height }
    if (this.#things.size === 0) this.#view.reset(client.width, client.height)
    this.#glideMs = client.tickRate > 0 ? 1000 / client.tickRate : STEPLESS_GLIDE_MS
    this.#around.pictures.use(client.images)
    this.#fit()
  }

  /** An empty stage in one colour. */
  clear(background: string): void {
    for (const thing of this.#things.values()) thing.destroy()
    this.#things.clear()
    this.#moving.clear()
    this.#around.animations.clear()
    this.#around.pictures.uncut()
    this.#view.reset(this.#size.width, this.#size.height)
    this.#scene.cameras.main.setBackgroundColor(background)
  }

  /** Carries out one checked command; those that draw nothing are for others. */
  apply(command: Command): void {
    switch (command.c) {
      case 'sprite':
        this.#add(command.id, new StageSprite(this.#around, command))
        return
      case 'text':
        this.#add(command.id, new StageText(this.#around, command))
        return
      case 'rect':
      case 'circle':
        this.#add(command.id, new StageShape(this.#around, command))
        return
      case 'line':
        this.#add(command.id, new StageLine(this.#around, command))
        return
      case 'canvas':
        this.#add(command.id, new StageCanvas(this.#around, command))
        return
      case 'set':
        this.#things.get(command.id)?.set(command.name, command.value)
        return
      case 'destroy': {
        const thing = this.#things.get(command.id)
        thing?.destroy()
        this.#things.delete(command.id)
        if (thing instanceof StageSprite) this.#moving.delete(thing)
        return
      }
      case 'sheet':
        this.#around.pictures.cut(command.name, command)
        return
      case 'animation':
        this.#around.animations.set(command.name, command)
        return
      case 'play': {
        const thing = this.#things.get(command.id)
        if (!(thing instanceof StageSprite)) return
        this.#moving.add(thing)
        thing.play(command.name, this.#nowMs)
        return
      }
      case 'camera-place':
        this.#view.place(command.x, command.y)
        return
      case 'camera-turn':
        this.#view.turn(command.zoom, command.rotation)
        return
      case 'camera-follow': {
        const { id, smooth } = command
        this.#view.follow(id === 0 ? undefined : () => this.#things.get(id)?.glide, smooth)
        return
      }
      case 'camera-bounds':
        this.#view.bound(command.width > 0 ? command : undefined)
        return
      case 'camera-shake':
        this.#view.shake(this.#nowMs, command.ms, command.strength)
        return
      case 'draw-line':
      case 'draw-circle':
      case 'draw-rect':
      case 'draw-clear': {
        const thing = this.#things.get(command.id)
        if (thing instanceof StageCanvas) thing.draw(command)
        return
      }
      case 'background':
        this.#scene.cameras.main.setBackgroundColor(command.color)
    }
  }

  pose(id: number, glide: boolean, x: number, y: number, rotation: number, scale: number, alpha: number): void {
    const thing = this.#things.get(id)
    if (!thing) return
    if (glide) thing.glide.move(x, y, this.#nowMs, this.#glideMs)
    else thing.glide.place(x, y)
    thing.pose(rotation, scale, alpha)
    thing.follow()
  }

  /** All commands of a frame have been applied. */
  settle(): void {
    for (const thing of this.#things.values()) thing.settle()
  }

  /** Points Phaser's cameras where the view looks. */
  #look(): void {
    const { main } = this.#scene.cameras
    const zoom = this.#around.zoom
    const { x, y, tremor, zoom: near, rotation } = this.#view
    main.setZoom(zoom * near).setRotation(rotation)
    main.setScroll(x + tremor.x - main.width / 2, y + tremor.y - main.height / 2)
  }

  #show(drawn: GameObjects.GameObject, fixed: boolean): void {
    const { cameras } = this.#scene
    if (fixed && !this.#fixed) {
      this.#fixed = cameras.add(0, 0, cameras.main.width, cameras.main.height)
      this.#fixed.setOrigin(0, 0).setZoom(this.#around.zoom)
      for (const other of this.#scene.children.list) if (other !== drawn) this.#fixed.ignore(other)
    }
    if (fixed) cameras.main.ignore(drawn)
    else this.#fixed?.ignore(drawn)
  }

  #add(id: number, thing: StageThing): void {
    this.#things.set(id, thing)
  }

  /** As large as the window allows, drawn with the screen's own pixels. */
  #fit(): void {
    const { width, height } = this.#size
    const fit = Math.min(innerWidth / width, innerHeight / height)
    const zoom = Math.max(0.1, Math.min(fit * devicePixelRatio, Math.sqrt(MAX_PIXELS / (width * height))))
    this.#game.scale.resize(Math.round(width * zoom), Math.round(height * zoom))
    this.canvas.style.width = `${Math.round(width * fit)}px`
    this.canvas.style.height = `${Math.round(height * fit)}px`
    this.#fixed?.setSize(Math.round(width * zoom), Math.round(height * zoom)).setZoom(zoom)
    if (zoom === this.#around.zoom) return
    this.#around.zoom = zoom
    for (const thing of this.#things.values()) thing.resized()
  }
}

/** Without a graphics card, 2D draws three times as many sprites as WebGL does. Not every browser calls that a performance caveat. */
function hasFastWebgl(): boolean {
  const gl = document.createElement('canvas').getContext('webgl', CONTEXT) as WebGLRenderingContext | null
  if (!gl) return false
  const info = gl.getExtension('WEBGL_debug_renderer_info')
  const renderer = String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER))
  gl.getExtension('WEBGL_lose_context')?.loseContext() // browsers keep few contexts alive
  return !SOFTWARE.test(renderer)
}
