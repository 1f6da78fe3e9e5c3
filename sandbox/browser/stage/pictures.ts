// The images of a game as textures: loaded when first needed, kept over a reload of the code until their successors are there.
import type { Textures } from 'phaser'
import { fetchAsset } from '../fetch.ts'
import { drawPlaceholder } from './placeholder.ts'

const DENSITY = 2 // texture pixels for each pixel of the game where we draw them ourselves: sharp on good screens
const MAX_PIXELS = 16 * 1024 * 1024
const MAX_SIDE = 4_096 // the largest texture that every phone has
const MAX_TINTED = 256 // copies in other colours, where the renderer cannot tint
const MAX_ALL_PIXELS = 64 * 1024 * 1024 // of all images of a game: 256 MB on the graphics card
const MAX_PLACEHOLDERS = 200 // names without an image; further ones share one picture
const NAMELESS = '?'

/** A texture and the size at which the game knows it. */
export interface Picture {
  key: string
  width: number
  height: number
  /** Texture pixels for each pixel of the game. */
  density: number
}
/** How an image is cut into frames, in pixels of the game. */
export interface Sheet {
  width: number
  height: number
  margin: number
  spacing: number
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
  readonly #sheets = new Map<string, Sheet>()
  #made = 0
  #placeholders = 0
  #pixels = 0

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
    if (!this.#entries.has(type)) {
      if (!Object.hasOwn(this.#urls, type) && type !== NAMELESS && this.#placeholders++ >= MAX_PLACEHOLDERS)
        return this.get(NAMELESS)
      this.#load(type)
    }
    return this.#entries.get(type)!.picture
  }

  /** Sizes of all that are loaded, as the game knows them. */
  sizes(): Record<string, { width: number; height: number }> {
    const found: Record<string, { width: number; height: number }> = {}
    for (const [type, { picture, url }] of this.#entries)
      if (picture && url !== undefined) found[type] = { width: picture.width, height: picture.height }
    return found
  }

  /** The game's code starts over: what it cut is whole again. */
  uncut(): void {
    this.#sheets.clear()
  }

  /** Cuts the image from now on. */
  cut(type: string, sheet: Sheet): void {
    this.#sheets.set(type, sheet)
    this.#changed(type)
  }

  /**
   * Number `index` of an image that is cut, as a frame of the texture `key`, which is the picture or a tinted copy; the size is that in the game.
   * A number past the last one begins again at the first. Undefined when the image is not cut.
   */
  frame(type: string, picture: Picture, index: number): { name: string; width: number; height: number } | undefined {
    const sheet = this.#sheets.get(type)
    if (!sheet) return undefined
    const { width, height, margin, spacing } = sheet
    const columns = Math.max(1, Math.floor((picture.width - 2 * margin + spacing) / (width + spacing)))
    const rows = Math.max(1, Math.floor((picture.height - 2 * margin + spacing) / (height + spacing)))
    const at = index % (columns * rows)
    const x = margin + (at % columns) * (width + spacing)
    const y = margin + Math.floor(at / columns) * (height + spacing)
    const name = `${x},${y},${width},${height}`
    const texture = this.#textures.get(picture.key)
    if (!texture.has(name)) {
      const { density } = picture
      const [w, h] = [Math.min(width, picture.width - x), Math.min(height, picture.height - y)]
      texture.add(name, 0, x * density, y * density, Math.max(1, w * density), Math.max(1, h * density))
    }
    return { name, width, height }
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
      if (type !== NAMELESS && entry?.url === undefined)
        this.#log(`There is no image "${type}", so a placeholder is drawn: put assets/${type}.png beside client.js`)
      this.#put(type, next, drawPlaceholder(type, DENSITY), DENSITY)
      return
    }
    void this.#fetch(type, next, url)
  }

  async #fetch(type: string, entry: Entry, url: string): Promise<void> {
    let drawing: HTMLCanvasElement
    let density: number
    try {
      const image = await loaded(await fetchAsset(url))
      const { naturalWidth: width, naturalHeight: height } = image
      if (width * height === 0) throw new Error('it has no size')
      if (width > MAX_SIDE || height > MAX_SIDE || width * height > MAX_PIXELS)
        throw new Error(`it is ${width} by ${height} pixels, and a side may have ${MAX_SIDE}`)
      // A vector image has no pixels of its own: it is drawn as sharp as our own pictures.
      const vector = new URL(url, document.baseURI).pathname.endsWith('.svg')
      density = vector && Math.max(width, height) * DENSITY <= MAX_SIDE ? DENSITY : 1
      if (this.#pixels + width * height * density ** 2 > MAX_ALL_PIXELS)
        throw new Error(`all images together have more than ${MAX_ALL_PIXELS} pixels`)
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
    this.#pixels += canvas.width * canvas.height
    entry.picture = { key, width: canvas.width / density, height: canvas.height / density, density }
    this.#changed(type)
    if (old) this.#remove(old)
  }

  #remove({ key, width, height, density }: Picture): void {
    this.#pixels -= width * height * density ** 2
    this.#textures.remove(key)
    for (const tinted of [...this.#tinted.keys()])
      if (tinted.startsWith(`${key}#`)) {
        this.#tinted.delete(tinted)
        this.#textures.remove(tinted)
      }
  }
}

/** Its size is known, but its pixels are not decoded yet: 30,000 by 30,000 of them fit into a small file. */
async function loaded(file: Blob): Promise<HTMLImageElement> {
  const url = URL.createObjectURL(file)
  const image = new Image()
  try {
    await new Promise((resolve, reject) => {
      image.onload = resolve
      image.onerror = () => reject(new Error('it is no image that this browser can read'))
      image.src = url
    })
  } finally {
    // An image that is loaded keeps its data.
    URL.revokeObjectURL(url)
  }
  return image
}

function blank(width: number, height: number) {
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  return { canvas, pen: canvas.getContext('2d')! }
}
