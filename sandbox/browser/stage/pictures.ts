// The images of a game as textures: loaded when first needed, kept over a reload of the code until their successors are there.
import type { Textures } from 'phaser'
import { drawPlaceholder } from './placeholder.ts'

const DENSITY = 2 // texture pixels for each pixel of the game where we draw them ourselves: sharp on good screens
const MAX_PIXELS = 16 * 1024 * 1024
const MAX_SIDE = 4_096 // the largest texture that every phone has
const MAX_TINTED = 256 // copies in other colours, where the renderer cannot tint

/** A texture and the size at which the game knows it. */
export interface Picture {
  key: string
  width: number
  height: number
}
interface Entry {
  url: string | undefined
  picture: Picture | undefined
}

export class Pictures {
  readonly #textures: Textures.TextureManager
  readonly #changed: (type: string) => void
  readonly #log: (text: string) => void
  #urls: Record<string, string> = {}
  readonly #entries = new Map<string, Entry>()
  readonly #tinted = new Map<string, Picture>()
  #made = 0

  /** `changed` is called when the picture of a type is there, or is another. */
  constructor(textures: Textures.TextureManager, changed: (type: string) => void, log: (text: string) => void) {
    this.#textures = textures
    this.#changed = changed
    this.#log = log
  }

  /** From now on `urls` are the game's images, by name. Pictures in use are exchanged when their new version is loaded. */
  use(urls: Record<string, string>): void {
    this.#urls = urls
    for (const type of this.#entries.keys()) this.#load(type)
    for (const type of Object.keys(urls)) this.get(type)
  }

  /** The picture of `type`, or undefined while it loads. */
  get(type: string): Picture | undefined {
    if (!this.#entries.has(type)) this.#load(type)
    return this.#entries.get(type)!.picture
  }

  /** A copy of a picture in another colour, for the renderer that cannot tint. */
  tinted(picture: Picture, tint: number): Picture {
    if (tint === 0xffffff) return picture
    const coarse = tint | 0x070707 // 32 shades a channel: a game that fades colours must not fill the memory
    const key = `${picture.key}#${coarse.toString(16)}`
    const known = this.#tinted.get(key)
    if (known || this.#tinted.size >= MAX_TINTED) return known ?? picture
    const source = this.#textures.get(picture.key).getSourceImage() as HTMLCanvasElement
    const { canvas, pen } = blank(source.width, source.height)
    pen.drawImage(source, 0, 0)
    pen.globalCompositeOperation = 'multiply'
    pen.fillStyle = `#${coarse.toString(16).padStart(6, '0')}`
    pen.fillRect(0, 0, canvas.width, canvas.height)
    pen.globalCompositeOperation = 'destination-in'
    pen.drawImage(source, 0, 0)
    this.#textures.addCanvas(key, canvas)
    const copy = { ...picture, key }
    this.#tinted.set(key, copy)
    return copy
  }

  #load(type: string): void {
    const url = Object.hasOwn(this.#urls, type) ? this.#urls[type] : undefined
    const entry = this.#entries.get(type)
    if (entry && entry.url === url) return
    const next: Entry = { url, picture: entry?.picture }
    this.#entries.set(type, next)
    if (url === undefined) {
      this.#put(type, next, drawPlaceholder(type, DENSITY), DENSITY)
      return
    }
    void this.#fetch(type, next, url)
  }

  async #fetch(type: string, entry: Entry, url: string): Promise<void> {
    let drawing: HTMLCanvasElement
    let density: number
    try {
      const image = new Image()
      image.crossOrigin = 'anonymous' // this document's origin is opaque, and a texture must not be tainted
      image.src = url
      await image.decode()
      const { naturalWidth: width, naturalHeight: height } = image
      if (width * height === 0) throw new Error('it has no size')
      if (width > MAX_SIDE || height > MAX_SIDE || width * height > MAX_PIXELS)
        throw new Error(`it is ${width} by ${height} pixels, and a side may have ${MAX_SIDE}`)
      // A vector image has no pixels of its own: it is drawn as sharp as our own pictures.
      const vector = new URL(url, document.baseURI).pathname.endsWith('.svg')
      density = vector && Math.max(width, height) * DENSITY <= MAX_SIDE ? DENSITY : 1
      const { canvas, pen } = blank(width * density, height * density)
      pen.drawImage(image, 0, 0, canvas.width, canvas.height)
      drawing = canvas
    } catch (error) {
      if (this.#entries.get(type) !== entry) return
      this.#log(`The image "${type}" (${url}) cannot be shown: ${error instanceof Error ? error.message : error}`)
      drawing = drawPlaceholder(type, DENSITY)
      density = DENSITY
    }
    if (this.#entries.get(type) === entry) this.#put(type, entry, drawing, density)
  }

  #put(type: string, entry: Entry, canvas: HTMLCanvasElement, density: number): void {
    const old = entry.picture
    const key = `${type}@${++this.#made}`
    this.#textures.addCanvas(key, canvas)
    entry.picture = { key, width: canvas.width / density, height: canvas.height / density }
    this.#changed(type)
    if (old) this.#remove(old.key)
  }

  #remove(key: string): void {
    this.#textures.remove(key)
    for (const tinted of [...this.#tinted.keys()])
      if (tinted.startsWith(`${key}#`)) {
        this.#tinted.delete(tinted)
        this.#textures.remove(tinted)
      }
  }
}

function blank(width: number, height: number) {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  return { canvas, pen: canvas.getContext('2d')! }
}
