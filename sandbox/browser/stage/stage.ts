// The picture of the game: Phaser, driven by checked commands. It knows nothing of the network or of the worker.

import type { ClientBuild } from '@sandlot/shared/protocol/messages.ts'
import { CANVAS, Game, type Scene, WEBGL } from 'phaser'
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

const STEPLESS_GLIDE_MS = 100 // for a game that steps only on events
const MAX_PIXELS = 2560 * 1440 // more than this costs frames, and nobody sees it
const CONTEXT = { failIfMajorPerformanceCaveat: true }
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i

export interface StageEvents {
  /** Each drawn frame, before it is drawn. */
  frame(nowMs: number): void
  log(text: string): void
}

export class Stage {
  readonly canvas: HTMLCanvasElement
  readonly #game: Game
  readonly #scene: Scene
  readonly #around: Surroundings
  readonly #things = new Map<number, StageThing>()
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
      },
      events.log,
    )
    this.#around = { scene, pictures, tints, zoom: 1 }
    scene.events.on('update', () => {
      this.#nowMs = performance.now()
      events.frame(this.#nowMs)
      for (const thing of this.#things.values()) if (thing.glide.advance(this.#nowMs)) thing.follow()
    })
    addEventListener('resize', () => this.#fit())
    this.#fit()
  }

  get size(): { readonly width: number; readonly height: number } {
    return this.#size
  }

  /** Takes the size, images and pace of a build. What is drawn stays until `clear`. */
  use(client: ClientBuild): void {
    this.#size = { width: client.width, height: client.height }
    this.#glideMs = client.tickRate > 0 ? 1000 / client.tickRate : STEPLESS_GLIDE_MS
    this.#around.pictures.use(client.images)
    this.#fit()
  }

  /** An empty stage in one colour. */
  clear(background: string): void {
    for (const thing of this.#things.values()) thing.destroy()
    this.#things.clear()
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
      case 'destroy':
        this.#things.get(command.id)?.destroy()
        this.#things.delete(command.id)
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
    this.#scene.cameras.main.setOrigin(0, 0).setZoom(zoom)
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
