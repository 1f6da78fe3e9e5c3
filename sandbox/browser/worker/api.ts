// gameAPI, the only thing the creator's code can touch: see game-api.d.ts.
import { MAX_LOG_CHARS, MAX_LOG_LINES_PER_FRAME } from '@sandlot/shared/limits.ts'
import { applyPatch } from '@sandlot/shared/protocol/delta.ts'
import type { SeatedPlayer } from '@sandlot/shared/protocol/messages.ts'
import type { Command, Frame, Happening, Start } from '../frame.ts'
import { plainConfig, toColor } from './color.ts'
import { ThingGroup } from './group.ts'
import { seededRandom } from './random.ts'
import { Screen } from './screen.ts'
import { CanvasHandle, finite, Handle, ShapeHandle, SpriteHandle, TextHandle } from './things.ts'

const KEYS = [
  ...'left right up down space enter shift escape backspace'.split(' '),
  ...'abcdefghijklmnopqrstuvwxyz0123456789',
]
const { stringify } = JSON // captured before any code of the creator runs
const SHAPE = { color: 0xffffff }

/** Callbacks of one kind. One that throws is reported and called again the next time. */
class Callbacks<Args extends unknown[]> {
  #all: ((...args: Args) => void)[] = []
  readonly #report: (error: unknown) => void

  constructor(report: (error: unknown) => void) {
    this.#report = report
  }

  readonly add = (callback: (...args: Args) => void): void => {
    if (typeof callback !== 'function') throw new TypeError(`a callback must be a function, not ${String(callback)}`)
    this.#all[this.#all.length] = callback
  }

  get size(): number {
    return this.#all.length
  }

  /** Calls those from number `from` on. */
  call(args: Args, from = 0): void {
    for (let i = from; i < this.#all.length; i++) {
      try {
        this.#all[i]!(...args)
      } catch (error) {
        this.#report(error)
      }
    }
  }
}

/** The game as its creator sees it: `gameAPI` for the code, `run` to pass a frame. */
export class Game {
  readonly screen = new Screen()
  readonly gameAPI: GameAPI
  /** A delta did not fit since this was last set to false. */
  lost = false
  #state: Json
  #stateChanged = false
  #stateHeard = 0 // so many state callbacks have been called at least once
  #players: readonly Readonly<SeatedPlayer>[] = []
  #frame = 0
  #logged = 0
  readonly #keys: Record<string, 0 | 1> = {}
  readonly #pointer = { x: 0, y: 0, down: false }
  readonly #on

  /** `report` hears of every error that a callback throws. */
  constructor(start: Start, report: (error: unknown) => void) {
    this.#on = {
      state: new Callbacks<[state: unknown]>(report),
      update: new Callbacks<[]>(report),
      message: new Callbacks<[message: unknown]>(report),
      refused: new Callbacks<[action: string, why: string]>(report),
      end: new Callbacks<[result: unknown]>(report),
      key: new Callbacks<[key: string, down: boolean]>(report),
      pointer: new Callbacks<[kind: 'down' | 'move' | 'up', x: number, y: number]>(report),
    }
    this.#state = start.state
    this.#setPlayers(start.players)
    for (const key of KEYS) this.#keys[key] = 0
    this.gameAPI = Object.freeze(this.#makeApi(start))
  }

  /** The state callbacks that have not heard of the state yet do so now. */
  welcome(): void {
    const heard = this.#stateHeard
    this.#stateHeard = this.#on.state.size
    this.#on.state.call([this.#state], heard)
  }

  /** Tells the game what happened and lets it draw. */
  run({ happenings, keys, pointer }: Frame): void {
    this.#frame++
    this.#logged = 0
    for (const key of KEYS) this.#keys[key] = 0
    for (const key of keys) this.#keys[key] = 1
    this.#pointer.x = pointer.x
    this.#pointer.y = pointer.y
    this.#pointer.down = pointer.down
    for (const happening of happenings) this.#hear(happening)
    if (this.#stateChanged) {
      this.#stateChanged = false
      this.#stateHeard = this.#on.state.size
      this.#on.state.call([this.#state])
    } else this.welcome()
    this.#on.update.call([])
  }

  #hear(happening: Happening): void {
    switch (happening.t) {
      case 'full':
        this.#state = happening.s
        this.#stateChanged = true
        return
      case 'delta':
        try {
          this.#state = applyPatch(this.#state, happening.d)
          this.#stateChanged = true
        } catch {
          this.lost = true // the creator's code changed its copy; the runtime sends the whole state
        }
        return
      case 'players':
        this.#setPlayers(happening.p)
        return
      case 'msg':
        this.#on.message.call([happening.m])
        return
      case 'refused':
        if (this.#on.refused.size === 0) this.#log([`${happening.a} was refused: ${happening.why}`])
        this.#on.refused.call([happening.a, happening.why])
        return
      case 'end':
        this.#on.end.call([happening.result])
        return
      case 'key':
        this.#on.key.call([happening.key, happening.down])
        return
      case 'pointer':
        this.#on.pointer.call([happening.kind, happening.x, happening.y])
        return
    }
  }

  #setPlayers(players: SeatedPlayer[]): void {
    this.#players = Object.freeze(players.map((player) => Object.freeze(player)))
  }

  #log(values: unknown[]): void {
    if (++this.#logged > MAX_LOG_LINES_PER_FRAME) return
    const text = values.map(show).join(' ').slice(0, MAX_LOG_CHARS)
    this.screen.do({ c: 'log', text })
  }

  #makeApi(start: Start): GameAPI {
    const game = this
    const { screen } = this
    const add = <T extends Handle>(thing: T, command: Command): T => {
      const transform = Handle.transformOf(thing)
      screen.add(thing.id, { transform, destroy: () => screen.remove(thing.id) }, command)
      return thing
    }
    const at = (what: string, x: number, y: number) => {
      finite(x, `${what}: x`)
      finite(y, `${what}: y`)
    }
    return {
      me: Object.freeze({ ...start.me }),
      get players() {
        return game.#players
      },
      width: start.width,
      height: start.height,
      keys: this.#keys,
      pointer: this.#pointer,
      onState: this.#on.state.add,
      getState: () => this.#state,
      onUpdate: this.#on.update.add,
      onMessage: this.#on.message.add,
      onRefused: this.#on.refused.add,
      onEnd: this.#on.end.add,
      onKey: this.#on.key.add,
      onPointer: this.#on.pointer.add,
      send(action, data = null) {
        const json = stringify(data) as string | undefined
        if (json === undefined) throw new TypeError(`send: the data must be plain JSON, not a ${typeof data}`)
        screen.do({ c: 'send', action: String(action), data: json })
      },
      createSprite(type, x, y, config) {
        at('createSprite', x, y)
        const plain = plainConfig(config)
        const id = screen.newId()
        const values = { flipX: false, flipY: false, tint: 0xffffff, ...plain, type: String(type) }
        const command: Command = { c: 'sprite', id, type: String(type), x, y, config: plain }
        return add(new SpriteHandle(screen, id, x, y, values), command)
      },
      createText(text, x, y, config) {
        at('createText', x, y)
        const plain = plainConfig(config)
        const id = screen.newId()
        const values = { color: 0xffffff, ...plain, text: String(text) }
        return add(new TextHandle(screen, id, x, y, values), { c: 'text', id, text: String(text), x, y, config: plain })
      },
      createRect(x, y, width, height, config) {
        at('createRect', x, y)
        const plain = plainConfig(config)
        const id = screen.newId()
        const values = { ...SHAPE, ...plain, width, height }
        return add(new ShapeHandle(screen, id, x, y, values), { c: 'rect', id, x, y, width, height, config: plain })
      },
      createCircle(x, y, radius, config) {
        at('createCircle', x, y)
        const plain = plainConfig(config)
        const id = screen.newId()
        const values = { ...SHAPE, ...plain, width: 2 * radius, height: 2 * radius }
        return add(new ShapeHandle(screen, id, x, y, values), { c: 'circle', id, x, y, radius, config: plain })
      },
      createLine(x1, y1, x2, y2, config) {
        at('createLine', x1, y1)
        const plain = plainConfig(config)
        const id = screen.newId()
        const values = { ...SHAPE, ...plain, width: x2 - x1, height: y2 - y1 }
        return add(new ShapeHandle(screen, id, x1, y1, values), { c: 'line', id, x1, y1, x2, y2, config: plain })
      },
      createCanvas(x, y, width, height, config) {
        at('createCanvas', x, y)
        const plain = plainConfig(config)
        const id = screen.newId()
        return add(new CanvasHandle(screen, id, x, y, plain), { c: 'canvas', id, x, y, width, height, config: plain })
      },
      destroySprite: (thing) => screen.remove(typeof thing === 'number' ? thing : thing.id),
      group: (create) => new ThingGroup(create),
      setBackground: (color) => screen.do({ c: 'background', color: toColor(color) }),
      random: seededRandom(start.seed),
      getFrame: () => this.#frame,
      log: (...values) => this.#log(values),
    }
  }
}

/** A value as a line of a log shows it. */
function show(value: unknown): string {
  if (typeof value === 'string') return value
  if (value instanceof Error) return value.stack ?? String(value)
  try {
    return stringify(value) ?? String(value)
  } catch {
    return String(value) // a cycle, a BigInt
  }
}
