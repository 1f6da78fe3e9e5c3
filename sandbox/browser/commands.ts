// The border between the creator's code and the page: what a worker asks for is checked here, field by field, before anything is drawn.
// Nothing is passed on as it came; each accepted command is a fresh object of known fields with finite, clamped numbers.
import { MAX_HOST_STATE_CHARS, MAX_INPUT_CHARS, MAX_LOG_CHARS, MAX_STATE_DEPTH } from '@sandlot/shared/limits.ts'
import type { Json } from '@sandlot/shared/protocol/messages.ts'
import { Bad, type Check, color, flag, number, oneOf, text } from './fields.ts'
import { type Command, type Config, ENTITY_LIMIT, MAX_ENTITIES, type Property, TRANSFORM } from './frame.ts'

const FAR = 1_000_000 // pixels; nothing that far away can be seen, and every sum of two is exact
const MAX_SIZE = 8_192 // pixels of a shape's side or a text's wrap width
const MAX_CANVAS = 4_096 // pixels of a canvas' side: the largest game there is
const MAX_CANVAS_PIXELS = 4 * 1024 * 1024 // of all canvases together: eight of 800 by 600
const MAX_SCALE = 1_000
const MAX_NAME = 64
const MAX_FRAME = 10_000 // of a sheet
const MAX_FRAMES = 1_000 // of an animation
const MAX_SHEETS = 200
const MAX_ANIMATIONS = 500
const MAX_BUTTONS = 8
const MAX_TEXT_PIXELS = 32 * 1024 * 1024 // of all texts together: each is a picture of its own
const MAX_TEXT = 2_000
const MIN_ZOOM = 0.01
const MAX_ZOOM = 100
const MAX_SHAKE_MS = 10_000
const MAX_SHAKE = 1_000
const MAX_ACTION = 64
const MAX_ACTION_BYTES = 15_000 // of its data as JSON in UTF-8; with its envelope this stays below the host's limit for a message
const utf8 = new TextEncoder()

type Kind = 'sprite' | 'text' | 'rect' | 'circle' | 'line' | 'canvas'
type Raw = Record<string, unknown>
const place = number(-FAR, FAR)
const size = number(0, MAX_SIZE)
const unit = number(0, 1)
const scale = number(-MAX_SCALE, MAX_SCALE)
const name = text(MAX_NAME)
const frame: Check<number> = (value) => Math.trunc(number(0, MAX_FRAME)(value))

const EVERY_CONFIG = {
  scale,
  rotation: place,
  alpha: unit,
  depth: place,
  visible: flag,
  originX: scale,
  originY: scale,
  fixed: flag,
}
const SHAPE_CONFIG = { ...EVERY_CONFIG, color, line: color, lineWidth: size }
const CONFIG: Record<Kind, Record<string, Check<string | number | boolean>>> = {
  sprite: { ...EVERY_CONFIG, tint: color, flipX: flag, flipY: flag, width: size, height: size, frame },
  text: {
    ...EVERY_CONFIG,
    size: number(4, 512),
    color,
    align: oneOf('left', 'center', 'right'),
    bold: flag,
    wrap: number(1, MAX_SIZE),
  },
  rect: SHAPE_CONFIG,
  circle: SHAPE_CONFIG,
  line: SHAPE_CONFIG,
  canvas: EVERY_CONFIG,
}

const SHAPE_SET = { color, width: size, height: size }
const EVERY_SET = { visible: flag, depth: place }
const SET: Record<Kind, Partial<Record<Property, Check<string | number | boolean>>>> = {
  sprite: { ...EVERY_SET, type: name, tint: color, flipX: flag, flipY: flag, frame },
  text: { ...EVERY_SET, text: text(MAX_TEXT), color },
  rect: { ...EVERY_SET, ...SHAPE_SET },
  circle: { ...EVERY_SET, ...SHAPE_SET },
  line: { ...EVERY_SET, color, width: place, height: place },
  canvas: EVERY_SET,
}

const isObject = (value: unknown): value is Raw => typeof value === 'object' && value !== null

/** Known fields that are there; a field that is undefined counts as absent, an unknown one is ignored. */
function config(kind: Kind, value: unknown): Config {
  const clean: Config = {}
  if (!isObject(value)) return clean
  for (const [key, check] of Object.entries(CONFIG[kind]))
    if (Object.hasOwn(value, key) && value[key] !== undefined) clean[key] = check(value[key])
  return clean
}

export type Checked = { ok: true; command: Command } | { ok: false; reason: string }

/** Checks the commands of one worker, and knows which things it has. */
export class CommandCheck {
  readonly #kinds = new Map<number, Kind>()
  readonly #canvases = new Map<number, number>() // pixels of each
  #canvasPixels = 0
  readonly #texts = new Map<number, { size: number; pixels: number }>()
  #textPixels = 0
  readonly #sheets = new Set<string>()
  readonly #animations = new Set<string>()

  /** The clean command, or why it is dropped. A thing that is made or destroyed counts from here on. */
  check(raw: unknown): Checked {
    try {
      return { ok: true, command: this.#command(raw) }
    } catch (error) {
      if (!(error instanceof Bad)) throw error
      return { ok: false, reason: error.message }
    }
  }

  /**
   * Calls `apply` for each good transform of a batch and returns how many were dropped: unknown things, numbers that are not finite.
   */
  transforms(
    values: unknown,
    apply: (id: number, glide: boolean, x: number, y: number, rotation: number, scale: number, alpha: number) => void,
  ): number {
    if (
      !(values instanceof Float64Array) ||
      values.length > MAX_ENTITIES * TRANSFORM ||
      values.length % TRANSFORM !== 0
    )
      return 1
    let dropped = 0
    for (let at = 0; at < values.length; at += TRANSFORM) {
      const id = values[at]!
      try {
        if (!this.#kinds.has(id)) throw new Bad('no such thing')
        const x = place(values[at + 2])
        const y = place(values[at + 3])
        apply(id, values[at + 1] === 1, x, y, place(values[at + 4]), scale(values[at + 5]), unit(values[at + 6]))
      } catch (error) {
        if (!(error instanceof Bad)) throw error
        dropped++
      }
    }
    return dropped
  }

  #command(raw: unknown): Command {
    if (!isObject(raw)) throw new Bad('not a command')
    switch (raw.c) {
      case 'sprite': {
        const made = { type: name(raw.type), x: place(raw.x), y: place(raw.y), config: config('sprite', raw.config) }
        return { c: 'sprite', id: this.#make(raw.id, 'sprite'), ...made }
      }
      case 'text': {
        const words = text(MAX_TEXT)(raw.text)
        const made = { text: words, x: place(raw.x), y: place(raw.y), config: config('text', raw.config) }
        const size = Number(made.config.size ?? 20)
        const pixels = this.#roomForText(words, size)
        const id = this.#make(raw.id, 'text')
        this.#texts.set(id, { size, pixels })
        this.#textPixels += pixels
        return { c: 'text', id, ...made }
      }
      case 'rect': {
        const made = { ...box(raw, size), config: config('rect', raw.config) }
        return { c: 'rect', id: this.#make(raw.id, 'rect'), ...made }
      }
      case 'circle': {
        const made = { ...disc(raw), config: config('circle', raw.config) }
        return { c: 'circle', id: this.#make(raw.id, 'circle'), ...made }
      }
      case 'line': {
        const made = { ...segment(raw), config: config('line', raw.config) }
        return { c: 'line', id: this.#make(raw.id, 'line'), ...made }
      }
      case 'canvas': {
        const made = { ...box(raw, number(1, MAX_CANVAS)), config: config('canvas', raw.config) }
        const pixels = made.width * made.height
        if (this.#canvasPixels + pixels > MAX_CANVAS_PIXELS)
          throw new Bad(`all canvases together have more than ${MAX_CANVAS_PIXELS} pixels`)
        const id = this.#make(raw.id, 'canvas')
        this.#canvases.set(id, pixels)
        this.#canvasPixels += pixels
        return { c: 'canvas', id, ...made }
      }
      case 'set': {
        const { id, kind } = this.#known(raw.id)
        if (typeof raw.name !== 'string') throw new Bad('a property has no name')
        const property = raw.name as Property
        const check = Object.hasOwn(SET[kind], property) ? SET[kind][property] : undefined
        if (!check) throw new Bad(`a ${kind} has no such property`)
        const value = check(raw.value)
        const known = property === 'text' ? this.#texts.get(id) : undefined
        if (known) {
          const pixels = this.#roomForText(String(value), known.size, known.pixels)
          this.#textPixels += pixels - known.pixels
          known.pixels = pixels
        }
        return { c: 'set', id, name: property, value }
      }
      case 'destroy': {
        const { id } = this.#known(raw.id)
        this.#kinds.delete(id)
        this.#canvasPixels -= this.#canvases.get(id) ?? 0
        this.#canvases.delete(id)
        this.#textPixels -= this.#texts.get(id)?.pixels ?? 0
        this.#texts.delete(id)
        return { c: 'destroy', id }
      }
      case 'draw-line':
        return {
          c: 'draw-line',
          id: this.#canvas(raw),
          ...segment(raw),
          color: color(raw.color),
          width: size(raw.width),
        }
      case 'draw-circle':
        return { c: 'draw-circle', id: this.#canvas(raw), ...disc(raw), color: color(raw.color) }
      case 'draw-rect':
        return { c: 'draw-rect', id: this.#canvas(raw), ...box(raw, size), color: color(raw.color) }
      case 'draw-clear':
        return { c: 'draw-clear', id: this.#canvas(raw) }
      case 'background':
        return { c: 'background', color: color(raw.color) }
      case 'camera-place':
        return { c: 'camera-place', x: place(raw.x), y: place(raw.y) }
      case 'camera-turn':
        return { c: 'camera-turn', zoom: number(MIN_ZOOM, MAX_ZOOM)(raw.zoom), rotation: place(raw.rotation) }
      case 'camera-follow': {
        const id = raw.id === 0 ? 0 : this.#known(raw.id).id
        return { c: 'camera-follow', id, smooth: number(0, 0.99)(raw.smooth) }
      }
      case 'camera-bounds': {
        const side = number(0, 2 * FAR)
        return {
          c: 'camera-bounds',
          x: place(raw.x),
          y: place(raw.y),
          width: side(raw.width),
          height: side(raw.height),
        }
      }
      case 'camera-shake':
        return { c: 'camera-shake', ms: number(0, MAX_SHAKE_MS)(raw.ms), strength: number(0, MAX_SHAKE)(raw.strength) }
      case 'sheet':
        return {
          c: 'sheet',
          name: named(this.#sheets, raw.name, MAX_SHEETS, 'sheets'),
          width: number(1, MAX_SIZE)(raw.width),
          height: number(1, MAX_SIZE)(raw.height),
          margin: size(raw.margin),
          spacing: size(raw.spacing),
        }
      case 'animation': {
        const frames = listed(raw.frames, MAX_FRAMES, frame)
        const made = { sheet: name(raw.sheet), frames, rate: number(0.01, 240)(raw.rate), loop: flag(raw.loop) }
        return { c: 'animation', name: named(this.#animations, raw.name, MAX_ANIMATIONS, 'animations'), ...made }
      }
      case 'play': {
        const { id, kind } = this.#known(raw.id)
        if (kind !== 'sprite') throw new Bad('only a sprite plays animations')
        return { c: 'play', id, name: name(raw.name) }
      }
      case 'sound':
        return {
          c: 'sound',
          id: count(raw.id),
          name: name(raw.name),
          volume: unit(raw.volume),
          loop: flag(raw.loop),
          rate: number(0.1, 10)(raw.rate),
        }
      case 'sound-volume':
        return { c: 'sound-volume', id: count(raw.id), volume: unit(raw.volume) }
      case 'sound-stop':
        return { c: 'sound-stop', id: count(raw.id), name: name(raw.name) }
      case 'volume':
        return { c: 'volume', volume: unit(raw.volume) }
      case 'controls': {
        const button = (each: unknown) => {
          if (!isObject(each)) throw new Bad('a button is missing')
          return { label: text(12)(each.label), key: text(12)(each.key) }
        }
        const buttons = listed(raw.buttons, MAX_BUTTONS, button)
        return { c: 'controls', stick: flag(raw.stick), buttons, always: flag(raw.always) }
      }
      case 'send': {
        if (typeof raw.action !== 'string' || raw.action.length > MAX_ACTION)
          throw new Bad(`an action's name has at most ${MAX_ACTION} characters`)
        if (typeof raw.data !== 'string') throw new Bad('the data of an action is not JSON text')
        if (raw.data.length > MAX_ACTION_BYTES || utf8.encode(raw.data).length > MAX_ACTION_BYTES)
          throw new Bad(`the data of the action "${raw.action}" is larger than ${MAX_ACTION_BYTES} bytes`)
        return { c: 'send', action: raw.action, data: raw.data }
      }
      case 'state':
        return { c: 'state', json: this.#json(raw.json, MAX_HOST_STATE_CHARS, 'the state') }
      case 'input':
        return { c: 'input', json: this.#json(raw.json, MAX_INPUT_CHARS, 'an input') }
      case 'log':
        return { c: 'log', text: text(MAX_LOG_CHARS)(raw.text) }
      default:
        throw new Bad('unknown command')
    }
  }

  #json(json: unknown, most: number, what: string): string {
    if (typeof json !== 'string') throw new Bad(`${what} is not JSON text`)
    if (json.length > most) throw new Bad(`${what} has more than ${most} characters of JSON`)
    return json
  }

  #make(id: unknown, kind: Kind): number {
    if (!Number.isSafeInteger(id) || (id as number) < 1 || this.#kinds.has(id as number)) throw new Bad('not a new id')
    if (this.#kinds.size >= MAX_ENTITIES) throw new Bad(ENTITY_LIMIT)
    this.#kinds.set(id as number, kind)
    return id as number
  }

  /** How many pixels the picture of a text may have, about: a letter is as high as its size and less wide. Throws when there is no room. */
  #roomForText(words: string, size: number, before = 0): number {
    const pixels = words.length * size * size
    if (this.#textPixels - before + pixels > MAX_TEXT_PIXELS)
      throw new Bad('all texts together are too large: write less, or smaller')
    return pixels
  }

  #known(id: unknown): { id: number; kind: Kind } {
    const kind = this.#kinds.get(id as number)
    if (!kind) throw new Bad('no such thing')
    return { id: id as number, kind }
  }

  #canvas(raw: Raw): number {
    const { id, kind } = this.#known(raw.id)
    if (kind !== 'canvas') throw new Bad('not a canvas')
    return id
  }
}

/** A name that counts once. */
function named(known: Set<string>, value: unknown, most: number, what: string): string {
  const clean = name(value)
  if (!known.has(clean) && known.size >= most) throw new Bad(`there are more than ${most} ${what}`)
  known.add(clean)
  return clean
}

function listed<T>(value: unknown, most: number, check: Check<T>): T[] {
  if (!Array.isArray(value)) throw new Bad('a list is missing')
  if (value.length > most) throw new Bad(`a list has more than ${most} entries`)
  return Array.from(value, check)
}

const count: Check<number> = (value) => {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw new Bad('a number is no count')
  return value as number
}

const box = (raw: Raw, side: Check<number>) => ({
  x: place(raw.x),
  y: place(raw.y),
  width: side(raw.width),
  height: side(raw.height),
})
const disc = (raw: Raw) => ({ x: place(raw.x), y: place(raw.y), radius: size(raw.radius) })
const segment = (raw: Raw) => ({ x1: place(raw.x1), y1: place(raw.y1), x2: place(raw.x2), y2: place(raw.y2) })

/** The data of a checked `send`, `state` or `input`, or why it is not sent. Apart from the check, so that a game past its rate costs no parsing. */
export function actionData(json: string): { ok: true; data: Json } | { ok: false; reason: string } {
  try {
    const data = JSON.parse(json) as Json
    if (deeper(data, MAX_STATE_DEPTH))
      return { ok: false, reason: `what the game sends is nested more than ${MAX_STATE_DEPTH} deep` }
    return { ok: true, data }
  } catch {
    return { ok: false, reason: 'what the game sends is not plain JSON' }
  }
}

const deeper = (value: Json, levels: number): boolean =>
  isObject(value) && (levels === 0 || Object.values(value).some((inner) => deeper(inner as Json, levels - 1)))
