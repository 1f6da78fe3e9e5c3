// The types of `gameAPI`, the only thing a game's client.js can touch. A game host serves this file as runtime/game-api.d.ts; put a copy beside a game
// and begin client.js with `/// <reference path="./game-api.d.ts" />` for completion and checks in an editor.
// A runnable example of each function is in sandbox/examples/api.
// biome-ignore-all lint/suspicious/noExplicitAny: a game's state and messages are whatever its creator makes them.

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
/** '#rrggbb', or a number 0xrrggbb. */
type Color = string | number

/** Something on the screen. */
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
  /** Its body once `gameAPI.physics.add` gave it one. */
  readonly body: PhysicsBody | undefined
  /** False once it was destroyed; from then on changing it does nothing. */
  readonly alive: boolean
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
  /** Which frame of its sheet is shown, from 0; see `gameAPI.sheet`. Assigning stops an animation. */
  frame: number
  /** In pixels, before scale; that of a picture that has not come yet is 48. */
  readonly width: number
  readonly height: number
  /** Plays an animation made by `gameAPI.animation`; one that plays already goes on. `onEnd` is called when it ran once through, unless it loops. */
  play(animation: string, onEnd?: () => void): this
  /** Stops the animation at the frame it shows. */
  stop(): this
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
  /** Stays where it is on the screen, whatever the camera does: scores, buttons. */
  fixed?: boolean
}
interface SpriteConfig extends ThingConfig {
  tint?: Color
  flipX?: boolean
  flipY?: boolean
  width?: number
  height?: number
  frame?: number
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
  sync(items: Record<string, Item> | readonly Item[], update?: (thing: T, item: Item, key: string) => void): void
  get(key: string): T | undefined
  forEach(callback: (thing: T, key: string) => void): void
  readonly size: number
  clear(): void
}

interface AnimationConfig {
  /** Name of an image that `gameAPI.sheet` has cut into frames. */
  sheet: string
  frames: number[]
  /** Frames a second, 12 unless said. */
  rate?: number
  /** Begins again at the end. True unless said. */
  loop?: boolean
}

type Ease = 'linear' | 'in' | 'out' | 'in-out' | 'back' | 'bounce' | 'elastic'
interface TweenConfig {
  /** Milliseconds, 500 unless said. */
  duration?: number
  /** How it speeds up and slows down, 'in-out' unless said. */
  ease?: Ease
  /** Milliseconds before it begins. */
  delay?: number
  /** How often it runs again; Infinity: until stopped. */
  repeat?: number
  /** Every second run goes backwards. */
  yoyo?: boolean
  onUpdate?: () => void
  onEnd?: () => void
}
interface Tween {
  readonly done: boolean
  /** Stays where it is; `onEnd` is not called. */
  stop(): void
}

/** What the player sees of a world that is larger than the screen. */
interface GameCamera {
  /** The point of the world in the middle of the screen. */
  x: number
  y: number
  /** 2 shows everything twice as large. */
  zoom: number
  /** Radians. */
  rotation: number
  /** Keeps a thing in the middle. `smooth` from 0 (at once) to 0.99 (slowly). */
  follow(thing: Thing, smooth?: number): void
  /** The camera stays where it is. */
  unfollow(): void
  /** Never shows what is outside this part of the world; without arguments, shows everything again. */
  bounds(x: number, y: number, width: number, height: number): void
  bounds(): void
  /** Trembles for `duration` milliseconds by up to `strength` pixels. */
  shake(duration?: number, strength?: number): void
}

interface TouchPoint {
  readonly id: number
  /** On the screen, 0 to `gameAPI.width`. */
  readonly x: number
  readonly y: number
  /** In the world: the same while the camera has not moved. */
  readonly worldX: number
  readonly worldY: number
}
interface Pad {
  /** -1 to 1; 0 and 1 are the left stick, 2 and 3 the right one. */
  readonly axes: readonly number[]
  /** 0 to 1; 0 is the lower button of the right hand (A, cross). */
  readonly buttons: readonly number[]
}
interface TouchControlsConfig {
  /** A stick at the left that holds down left, right, up and down. */
  stick?: boolean
  /** Buttons at the right: what is on it, and the key that it holds down. */
  buttons?: Record<string, string>
  /** 'touch' (unless said): only on a touch screen. */
  show?: 'touch' | 'always'
}

interface SoundConfig {
  /** 0 to 1. */
  volume?: number
  loop?: boolean
  /** 2 is twice as fast and an octave higher. */
  rate?: number
}
interface GameSound {
  readonly id: number
  volume: number
  stop(): void
}

interface BodyConfig {
  velocityX?: number
  velocityY?: number
  /** How much speed a bounce keeps: 0 (none, unless said) to 1. */
  bounce?: number
  /** Pixels a second of speed lost each second. */
  drag?: number
  maxSpeed?: number
  /** Falls with `physics.gravity`; true unless said. */
  gravity?: boolean
  /** Cannot be pushed: walls, platforms. */
  immovable?: boolean
  /** Stays inside `physics.bounds`. */
  bounds?: boolean
  /** Heavier things are pushed less; 1 unless said. */
  mass?: number
  /** Size of what collides, in pixels; that of the thing unless said. */
  width?: number
  height?: number
  /** Collides as a circle as wide as the body. True for circles unless said. */
  circle?: boolean
}
/** What moves and collides of a thing. Speeds are in pixels a second. */
interface PhysicsBody {
  readonly thing: Thing
  velocityX: number
  velocityY: number
  accelerationX: number
  accelerationY: number
  bounce: number
  drag: number
  maxSpeed: number
  gravity: boolean
  immovable: boolean
  bounds: boolean
  mass: number
  /** False: neither moves nor collides for now. */
  enabled: boolean
  /** Which sides touched a wall, a platform or the bounds in the last step. */
  readonly blocked: { readonly left: boolean; readonly right: boolean; readonly up: boolean; readonly down: boolean }
  /** The same as `blocked.down`: may jump. */
  readonly onFloor: boolean
  setVelocity(x: number, y: number): this
}
/** A thing, several, or all of a group, whoever is in it at the time. */
type Colliding = Thing | readonly Thing[] | Group<any, any>
interface Collider {
  destroy(): void
}
/** Arcade physics: boxes and circles that move, fall, bounce and push. It runs 60 steps a second in this browser only; the server knows nothing of it. */
interface Physics {
  /** Pixels a second, gained each second. */
  gravity: { x: number; y: number }
  /** The world's edges for bodies that have `bounds`: the screen unless set. */
  bounds: { x: number; y: number; width: number; height: number }
  /** Gives a thing a body. */
  add(thing: Thing, config?: BodyConfig): PhysicsBody
  /** Takes the body away; the thing stays. */
  remove(thing: Thing): void
  /** Things of `a` and `b` push each other from now on; `callback` hears of each touch. Things without a body do not take part. */
  collide(a: Colliding, b: Colliding, callback?: (a: any, b: any) => void): Collider
  /** `callback` hears of each two that overlap, in every step; nothing is pushed. */
  overlap(a: Colliding, b: Colliding, callback: (a: any, b: any) => void): Collider
}

interface GameAPI {
  /** This player. */
  readonly me: { readonly id: string; readonly name: string }
  /** All who have a seat, in the order in which they came. */
  readonly players: readonly { readonly id: string; readonly name: string; readonly connected: boolean }[]
  /**
   * Whether this player is the host: the one who does what only one must do. It is the first who came; when they leave, or are gone for
   * three seconds, the next one is. In a game without server.js the host keeps the state: see `setState`.
   */
  isHost(): boolean
  /** Size of the game's coordinate system in pixels, from game.json. */
  readonly width: number
  readonly height: number

  /** 1 while a key is down, else 0: left, right, up, down (arrows and WASD), space, enter, shift, escape, backspace, and any letter or digit. */
  readonly keys: Readonly<Record<string, 0 | 1>>
  /** The mouse or the first finger. */
  readonly pointer: Omit<TouchPoint, 'id'> & { readonly down: boolean }
  /** Every finger on the screen, and the mouse while its button is down. */
  readonly touches: readonly TouchPoint[]
  /** Game controllers; one shows up when a button on it was pressed. */
  readonly gamepads: readonly Pad[]
  /** Puts a stick and buttons on the screen for players without a keyboard. They hold down keys, so the game reads `keys` only. */
  touchControls(config: TouchControlsConfig): void

  /** The state, or this player's view of it, whenever it changed; also once on start and after a reload of the code. */
  onState(callback: (state: any) => void): void
  /** The newest state. Read it, do not change it: it belongs to the server, which sends only what is new. (In a game without server.js the host may change it, and then calls `setState`.) */
  getState(): any
  /**
   * For games without server.js: the state for everybody, plain JSON of at most 65,536 characters. Call it as often as you like, `tickRate` of
   * game.json are sent a second, and only what changed. The next host goes on from it. Throws `NotHostError` when another player is the host, `StateError`
   * when it is no plain JSON, `StateTooLargeError`.
   */
  setState(state: any): void
  /**
   * For games without server.js: what this player wants of the host, plain JSON of at most 1,000 characters. It stays until the next one. Throws
   * `InputTooLargeError`, `StateError`.
   */
  sendInput(input: any): void
  /** For the host of a game without server.js: what each connected player sent last, by their ids. Others find only their own in it. */
  getInputs(): { readonly [player: string]: any }
  /** Every drawn frame; `seconds` have passed since the last one, 1/60 on most screens. */
  onUpdate(callback: (seconds: number) => void): void
  /** What the server sent by room.send or room.broadcast. */
  onMessage(callback: (message: any) => void): void
  /** The server refused an action (its function threw). */
  onRefused(callback: (action: string, why: string) => void): void
  /** The room is over; `result` is what room.end was given. */
  onEnd(callback: (result: any) => void): void
  /** `key` is a name of `keys`; a key with two names, such as W (up and w), calls twice. */
  onKey(callback: (key: string, down: boolean) => void): void
  /** `x` and `y` are on the screen; `touch` tells fingers apart and has the place in the world. */
  onPointer(callback: (kind: 'down' | 'move' | 'up', x: number, y: number, touch: TouchPoint) => void): void
  /** Calls `actions.NAME(state, player, data, room)` on the server. Throws in a game without server.js. */
  send(action: string, data?: Json): void

  /** An image of assets/, by its name without ending. Throws `Entity limit reached: 1000` when there are too many things. */
  createSprite(type: string, x: number, y: number, config?: SpriteConfig): Sprite
  createText(text: string, x: number, y: number, config?: TextConfig): TextThing
  createRect(x: number, y: number, width: number, height: number, config?: ShapeConfig): Shape
  createCircle(x: number, y: number, radius: number, config?: ShapeConfig): Shape
  createLine(x1: number, y1: number, x2: number, y2: number, config?: ShapeConfig): Shape
  createCanvas(x: number, y: number, width: number, height: number, config?: ThingConfig): Canvas
  destroySprite(thing: Thing | number): void
  /** Things that follow a list of the state. */
  group<Item = any, T extends Thing = Thing>(create: (item: Item, key: string) => T): Group<Item, T>
  setBackground(color: Color): void
  /** From now on, things further than `margin` pixels outside what the camera sees are destroyed, every 5 seconds. `false` ends that. */
  cleanUpOffscreen(margin?: number | false): void

  /** Cuts an image into frames of equal size, numbered from the top left, row by row. */
  sheet(image: string, frameWidth: number, frameHeight: number, config?: { margin?: number; spacing?: number }): void
  /** Names a series of frames for `sprite.play`. */
  animation(name: string, config: AnimationConfig): void
  /** Brings numbers of a thing, the camera or any object to other values over time. */
  tween<T extends object>(target: T, to: Partial<Record<keyof T, number>>, config?: TweenConfig): Tween

  readonly camera: GameCamera
  readonly physics: Physics

  /** Plays assets/NAME.mp3, .ogg, .wav or .m4a. At most 10 sound at once; further ones are not heard. */
  playSound(name: string, config?: SoundConfig): GameSound
  /** Stops one sound, all of a name, or all there are. */
  stopSound(sound?: GameSound | string): void
  /** Of all sounds, 0 to 1. */
  volume: number

  /** 0 <= random() < 1; the same sequence for all players of a room. */
  random(): number
  /** Drawn frames since the code started. */
  getFrame(): number
  /** A line for the creator: the studio shows it beside the game; without a website (`sandlot-host`) the browser’s console does. */
  log(...values: unknown[]): void
}

declare const gameAPI: GameAPI
