// The game as its creator sees it: see game-api.d.ts.
import { MAX_LOG_CHARS, MAX_LOG_LINES_PER_FRAME } from '@sandlot/shared/limits.ts'
import { applyPatch } from '@sandlot/shared/protocol/delta.ts'
import type { SeatedPlayer } from '@sandlot/shared/protocol/messages.ts'
import type { Frame, Happening, Start } from '../frame.ts'
import { Callbacks } from './callbacks.ts'
import { Camera } from './camera.ts'
import { Cleaner } from './cleaner.ts'
import { toColor } from './color.ts'
import { Devices } from './devices.ts'
import { ThingGroup } from './group.ts'
import { Hosting } from './hosting.ts'
import { Maker } from './maker.ts'
import { Motion } from './motion.ts'
import { World } from './physics.ts'
import { PictureBook } from './pictures.ts'
import { seededRandom } from './random.ts'
import { add, freeze, keysOf, list, Problem, slice, stringify, TypeProblem, toText } from './safe.ts'
import { Screen } from './screen.ts'
import { Sounds } from './sounds.ts'

/** `gameAPI` for the code, `run` to pass a frame. */
export class Game {
  readonly screen = new Screen()
  readonly gameAPI: GameAPI
  /** A delta did not fit since this was last set to false. */
  lost = false
  #state: Json
  #stateChanged = false
  #stateHeard = 0 // so many state callbacks have been called at least once
  #players: readonly Readonly<SeatedPlayer>[] = []
  #host: string | null
  readonly #hosting: Hosting
  #frame = 0
  #logged = 0
  readonly #me: string
  readonly #devices = new Devices()
  readonly #camera: Camera
  readonly #motion: Motion
  readonly #world: World
  readonly #pictures: PictureBook
  readonly #cleaner: Cleaner
  readonly #on

  /** `report` hears of every error that a callback throws. */
  constructor(start: Start, report: (error: unknown) => void) {
    const { width, height } = start
    this.#on = {
      state: new Callbacks<[state: unknown]>(report),
      update: new Callbacks<[seconds: number]>(report),
      message: new Callbacks<[message: unknown]>(report),
      refused: new Callbacks<[action: string, why: string]>(report),
      end: new Callbacks<[result: unknown]>(report),
      key: new Callbacks<[key: string, down: boolean]>(report),
      pointer: new Callbacks<[kind: 'down' | 'move' | 'up', x: number, y: number, touch: TouchPoint]>(report),
    }
    this.#me = start.me.id
    this.#state = start.state
    this.#host = start.host
    this.#hosting = new Hosting(this.screen, start.relay, start.me.id)
    this.#setPlayers(start.players)
    this.#camera = new Camera(this.screen, width / 2, height / 2)
    this.#motion = new Motion(report)
    this.#world = new World(width, height, report)
    this.#pictures = new PictureBook(this.screen, start.pictures)
    this.#cleaner = new Cleaner(this.screen, this.#camera, width, height)
    this.screen.onRemove = (thing) => this.#world.remove(thing)
    this.gameAPI = freeze(this.#makeApi(start))
  }

  /** The state callbacks that have not heard of the state yet do so now. */
  welcome(): void {
    const heard = this.#stateHeard
    this.#stateHeard = this.#on.state.size
    this.#on.state.call([this.#state], heard)
  }

  /** Tells the game what happened, lets its time pass and lets it draw. */
  run(frame: Frame): void {
    this.#frame++
    this.#logged = 0
    this.#devices.take(frame)
    this.#camera.drawnAt(frame.camera.x, frame.camera.y)
    for (let i = 0; i < frame.happenings.length; i++) this.#hear(frame.happenings[i]!)
    if (this.#stateChanged) {
      this.#stateChanged = false
      this.#stateHeard = this.#on.state.size
      this.#on.state.call([this.#state])
    } else this.welcome()
    this.#motion.advance(frame.seconds * 1000)
    this.#world.advance(frame.seconds)
    this.#on.update.call([frame.seconds])
    this.#cleaner.advance(frame.seconds)
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
        this.#host = happening.host
        this.#setPlayers(happening.p)
        return
      case 'inputs':
        this.#hosting.heard(happening.inputs)
        this.#hosting.gather(this.#players)
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
      case 'pointer': {
        const { kind, touch } = happening
        this.#on.pointer.call([kind, touch.x, touch.y, freeze(touch)])
        return
      }
      case 'picture':
        this.#pictures.loaded(happening.name, happening.width, happening.height)
        return
    }
  }

  #setPlayers(players: SeatedPlayer[]): void {
    for (let i = 0; i < players.length; i++) freeze(players[i])
    this.#players = freeze(players)
    this.#hosting.gather(players)
  }

  /** The game sees the new state at once, as everybody else will. */
  #setState(state: unknown): void {
    this.#hosting.set(state, this.#isHost())
    this.#state = state as Json
    this.#stateChanged = true
  }

  #isHost(): boolean {
    return this.#host === this.#me
  }

  #log(values: readonly unknown[]): void {
    if (++this.#logged > MAX_LOG_LINES_PER_FRAME) return
    let text = ''
    for (let i = 0; i < values.length; i++) text += (i === 0 ? '' : ' ') + show(values[i])
    this.screen.do({ c: 'log', text: slice(text, [0, MAX_LOG_CHARS]) })
  }

  #makeApi(start: Start): GameAPI {
    const game = this
    const { screen } = this
    const devices = this.#devices
    const sounds = new Sounds(screen, start.sounds)
    const maker = new Maker(screen, this.#pictures, {
      seconds: (name) => this.#pictures.seconds(name),
      after: (seconds, done) => this.#motion.after(seconds, done),
    })
    return {
      me: freeze({ ...start.me }),
      get players() {
        return game.#players
      },
      isHost: () => this.#isHost(),
      width: start.width,
      height: start.height,
      keys: devices.keys,
      pointer: devices.pointer,
      get touches() {
        return devices.touches
      },
      get gamepads() {
        return devices.gamepads
      },
      touchControls: ({ stick = false, buttons = {}, show: when = 'touch' }) => {
        const all = list<{ label: string; key: string }>()
        const labels = keysOf(buttons)
        for (let i = 0; i < labels.length; i++) add(all, { label: labels[i]!, key: toText(buttons[labels[i]!]) })
        screen.do({ c: 'controls', stick: stick === true, buttons: all, always: when === 'always' })
      },
      onState: this.#on.state.add,
      getState: () => this.#state,
      setState: (state) => this.#setState(state),
      sendInput: (input) => this.#hosting.send(input, this.#players),
      getInputs: () => this.#hosting.inputs(),
      onUpdate: this.#on.update.add,
      onMessage: this.#on.message.add,
      onRefused: this.#on.refused.add,
      onEnd: this.#on.end.add,
      onKey: this.#on.key.add,
      onPointer: this.#on.pointer.add,
      send(action, data = null) {
        if (start.relay)
          throw new TypeProblem('send: this game has no server.js; use sendInput, which reaches the host')
        const json = stringify(data) as string | undefined
        if (json === undefined) throw new TypeProblem(`send: the data must be plain JSON, not a ${typeof data}`)
        screen.do({ c: 'send', action: toText(action), data: json })
      },
      createSprite: maker.sprite,
      createText: maker.text,
      createRect: maker.rect,
      createCircle: maker.circle,
      createLine: maker.line,
      createCanvas: maker.canvas,
      destroySprite: (thing) => screen.remove(typeof thing === 'number' ? thing : thing.id),
      group: (create) => new ThingGroup(create),
      setBackground: (color) => screen.do({ c: 'background', color: toColor(color) }),
      cleanUpOffscreen: this.#cleaner.set,
      sheet: this.#pictures.sheet,
      animation: this.#pictures.animation,
      tween: this.#motion.tween as GameAPI['tween'],
      camera: this.#camera,
      physics: this.#world,
      playSound: (name, config) => sounds.play(name, config),
      stopSound: (sound) => sounds.stop(sound),
      get volume() {
        return sounds.volume
      },
      set volume(volume) {
        sounds.volume = volume
      },
      random: seededRandom(start.seed),
      getFrame: () => this.#frame,
      log: (...values) => this.#log(values),
    }
  }
}

/** A value as a line of a log shows it. */
function show(value: unknown): string {
  if (typeof value === 'string') return value
  if (value instanceof Problem) return value.stack ?? toText(value)
  try {
    return stringify(value) ?? toText(value)
  } catch {
    return toText(value) // a cycle, a BigInt
  }
}
