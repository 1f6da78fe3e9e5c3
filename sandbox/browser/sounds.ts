// The sounds of a game. Short ones are decoded once and start at once; long ones, as music, are streamed. Ten are heard at a time.
import { fetchAsset } from './fetch.ts'
import type { Command } from './frame.ts'

const MAX_SOUNDS = 10
const MAX_DECODED_S = 20 // of one sound; 20 s in stereo are 8 MB of samples
const MAX_DECODED_BYTES = 128 * 1024 * 1024 // of all sounds
const FULL_SCALE_BYTES = 4 // a sample is a 32-bit float

interface Playing {
  name: string
  gain: GainNode
  stop(): void
}
type Source = { kind: 'decoded'; buffer: AudioBuffer } | { kind: 'streamed'; url: string }

export class Sounds {
  readonly #log: (text: string) => void
  #context: AudioContext | undefined
  #master: GainNode | undefined
  #volume = 1
  #urls: Record<string, string> = {}
  #sources = new Map<string, Promise<Source | undefined>>()
  #decodedBytes = 0
  /** Undefined while a sound is being fetched: it counts already. */
  readonly #playing = new Map<number, Playing | undefined>()
  #paused = false

  constructor(log: (text: string) => void) {
    this.#log = log
    // Browsers are silent until the player has done something on the page.
    for (const event of ['pointerdown', 'keydown'])
      addEventListener(event, () => {
        if (!this.#paused) void this.#context?.resume()
      })
  }

  get count(): number {
    return this.#playing.size
  }

  /** From now on `urls` are the game's sounds, by name. */
  use(urls: Record<string, string>): void {
    this.stopAll()
    const same = Object.keys(urls).length === Object.keys(this.#urls).length
    if (same && Object.entries(urls).every(([name, url]) => this.#urls[name] === url)) return
    this.#urls = urls
    this.#sources.clear()
    this.#decodedBytes = 0
  }

  apply(command: Command): void {
    switch (command.c) {
      case 'sound':
        void this.#play(command)
        return
      case 'sound-volume': {
        const playing = this.#playing.get(command.id)
        if (playing) playing.gain.gain.value = command.volume
        return
      }
      case 'sound-stop':
        for (const [id, playing] of [...this.#playing])
          if (command.id === id || (command.id === 0 && (command.name === '' || command.name === playing?.name))) {
            this.#playing.delete(id)
            playing?.stop()
          }
        return
      case 'volume':
        this.#volume = command.volume
        if (this.#master) this.#master.gain.value = command.volume
    }
  }

  stopAll(): void {
    this.apply({ c: 'sound-stop', id: 0, name: '' })
    this.apply({ c: 'volume', volume: 1 })
  }

  pause(paused: boolean): void {
    this.#paused = paused
    if (paused) void this.#context?.suspend()
    else void this.#context?.resume()
  }

  async #play({ id, name, volume, loop, rate }: Extract<Command, { c: 'sound' }>): Promise<void> {
    if (this.#playing.size >= MAX_SOUNDS || this.#playing.has(id)) return
    const context = this.#start()
    this.#playing.set(id, undefined)
    const source = await this.#source(name, context)
    if (!this.#playing.has(id)) return // stopped before it came
    if (!source) {
      this.#playing.delete(id)
      return
    }
    const gain = context.createGain()
    gain.gain.value = volume
    gain.connect(this.#master!)
    const ended = () => {
      gain.disconnect()
      this.#playing.delete(id)
    }
    const stop =
      source.kind === 'decoded'
        ? begin(context, gain, source.buffer, { loop, rate, ended })
        : stream(context, gain, source.url, { loop, rate, ended })
    this.#playing.set(id, { name, gain, stop })
  }

  #start(): AudioContext {
    if (this.#context) return this.#context
    this.#context = new AudioContext({ latencyHint: 'interactive' })
    this.#master = this.#context.createGain()
    this.#master.gain.value = this.#volume
    // Ten sounds at full volume must not hurt.
    this.#master.connect(this.#context.createDynamicsCompressor()).connect(this.#context.destination)
    return this.#context
  }

  #source(name: string, context: AudioContext): Promise<Source | undefined> {
    let source = this.#sources.get(name)
    if (!source) {
      source = this.#load(name, context).catch((error: Error) => {
        this.#log(`The sound "${name}" cannot be played: ${error.message}`)
        return undefined
      })
      this.#sources.set(name, source)
    }
    return source
  }

  async #load(name: string, context: AudioContext): Promise<Source> {
    if (!Object.hasOwn(this.#urls, name)) throw new Error('there is no such file in assets/')
    const file = await fetchAsset(this.#urls[name]!)
    const url = URL.createObjectURL(file)
    const { duration } = await metadataOf(url)
    const bytes = duration * context.sampleRate * 2 * FULL_SCALE_BYTES
    if (!(duration <= MAX_DECODED_S) || this.#decodedBytes + bytes > MAX_DECODED_BYTES) return { kind: 'streamed', url }
    URL.revokeObjectURL(url)
    this.#decodedBytes += bytes
    return { kind: 'decoded', buffer: await context.decodeAudioData(await file.arrayBuffer()) }
  }
}

interface How {
  loop: boolean
  rate: number
  ended(): void
}

function begin(context: AudioContext, gain: GainNode, buffer: AudioBuffer, { loop, rate, ended }: How): () => void {
  const node = context.createBufferSource()
  node.buffer = buffer
  node.loop = loop
  node.playbackRate.value = rate
  node.onended = ended
  node.connect(gain)
  node.start()
  return () => node.stop()
}

function stream(context: AudioContext, gain: GainNode, url: string, { loop, rate, ended }: How): () => void {
  const audio = new Audio(url)
  audio.loop = loop
  audio.playbackRate = rate
  audio.onended = ended
  audio.onerror = ended
  context.createMediaElementSource(audio).connect(gain)
  audio.play().catch(ended)
  return () => {
    audio.pause()
    audio.removeAttribute('src')
    ended()
  }
}

/** What a sound says of itself; reads no more of it than that. */
function metadataOf(url: string): Promise<HTMLAudioElement> {
  return new Promise((resolve, reject) => {
    const audio = new Audio()
    audio.preload = 'metadata'
    audio.onloadedmetadata = () => resolve(audio)
    audio.onerror = () => reject(new Error('this browser cannot read it'))
    audio.src = url
  })
}
