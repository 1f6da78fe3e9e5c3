// The types of `gameAPI`, the only thing a game's client.js can touch. Copy this file beside a game for completion in an editor.
// biome-ignore-all lint/suspicious/noExplicitAny: a game's state and messages are whatever its creator makes them.

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
/** '#rrggbb', or a number 0xrrggbb. */
type Color = string | number

interface Thing {
  readonly id: number
  /** Assigning moves at once. */
  x: number
  y: number
  /** Radians, clockwise. */
  rotation: number
  /** 0 (invisible) to 1. */
  alpha: number
  visible: boolean
  /** Things with a higher depth are drawn later, on top. */
  depth: number
  scale: number
  /** Glides there over one server frame, so that 20 frames a second look like 60. The first call places at once. */
  moveTo(x: number, y: number): this
  destroy(): void
}
interface Sprite extends Thing {
  /** Name of the image: `assets/ship.png` is 'ship'. A name without an image is drawn as a labelled shape. */
  type: string
  tint: Color
  flipX: boolean
  flipY: boolean
}
interface TextThing extends Thing {
  text: string
  color: Color
}
interface Shape extends Thing {
  color: Color
  width: number
  height: number
}
/** A picture that keeps what is drawn on it. */
interface Canvas extends Thing {
  line(x1: number, y1: number, x2: number, y2: number, color?: Color, width?: number): this
  circle(x: number, y: number, radius: number, color?: Color): this
  rect(x: number, y: number, width: number, height: number, color?: Color): this
  clear(): this
}
interface ThingConfig {
  scale?: number
  rotation?: number
  alpha?: number
  depth?: number
  visible?: boolean
  /** The point of the thing that sits at x, y: 0.5 is the middle (default; texts and canvases: 0, the top left). */
  originX?: number
  originY?: number
}
interface SpriteConfig extends ThingConfig {
  tint?: Color
  flipX?: boolean
  flipY?: boolean
  width?: number
  height?: number
}
interface TextConfig extends ThingConfig {
  size?: number
  color?: Color
  align?: 'left' | 'center' | 'right'
  bold?: boolean
  wrap?: number
}
interface ShapeConfig extends ThingConfig {
  color?: Color
  line?: Color
  lineWidth?: number
}

interface Group<Item, T extends Thing> {
  /** Makes one thing for each entry (an object's keys, or an array's `id`, else index), drops those that left, and calls `update` for each. */
  sync(items: Record<string, Item> | Item[], update?: (thing: T, item: Item, key: string) => void): void
  get(key: string): T | undefined
  forEach(callback: (thing: T, key: string) => void): void
  readonly size: number
  clear(): void
}

interface GameAPI {
  /** This player. */
  readonly me: { readonly id: string; readonly name: string }
  /** All who have a seat. */
  readonly players: readonly { readonly id: string; readonly name: string; readonly connected: boolean }[]
  /** Size of the game's coordinate system in pixels, from game.json. */
  readonly width: number
  readonly height: number
  /** 1 while a key is down, else 0: left, right, up, down (arrows and WASD), space, enter, shift, and any letter or digit. */
  readonly keys: Readonly<Record<string, 0 | 1>>
  readonly pointer: { readonly x: number; readonly y: number; readonly down: boolean }

  /** The state, or this player's view of it, whenever it changed; also once on start and after a reload of the code. */
  onState(callback: (state: any) => void): void
  /** The newest state. Read it, do not change it: it belongs to the server, which sends only what is new. */
  getState(): any
  /** Every drawn frame. */
  onUpdate(callback: () => void): void
  /** What the server sent by room.send or room.broadcast. */
  onMessage(callback: (message: any) => void): void
  /** The server refused an action (its function threw). */
  onRefused(callback: (action: string, why: string) => void): void
  onEnd(callback: (result: any) => void): void
  /** `key` is a name of `keys`; a key with two names, such as W (up and w), calls twice. */
  onKey(callback: (key: string, down: boolean) => void): void
  onPointer(callback: (kind: 'down' | 'move' | 'up', x: number, y: number) => void): void
  /** Calls `actions.NAME(state, player, data, room)` on the server. */
  send(action: string, data?: Json): void

  createSprite(type: string, x: number, y: number, config?: SpriteConfig): Sprite
  createText(text: string, x: number, y: number, config?: TextConfig): TextThing
  createRect(x: number, y: number, width: number, height: number, config?: ShapeConfig): Shape
  createCircle(x: number, y: number, radius: number, config?: ShapeConfig): Shape
  createLine(x1: number, y1: number, x2: number, y2: number, config?: ShapeConfig): Shape
  createCanvas(x: number, y: number, width: number, height: number, config?: ThingConfig): Canvas
  destroySprite(thing: Thing | number): void
  group<Item, T extends Thing>(create: (item: Item, key: string) => T): Group<Item, T>
  setBackground(color: Color): void

  /** 0 <= random() < 1; the same sequence for all players of a room. */
  random(): number
  /** Drawn frames since the code started. */
  getFrame(): number
  log(...values: unknown[]): void
}

declare const gameAPI: GameAPI
