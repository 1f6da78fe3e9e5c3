// What happens over time in the worker: tweens, and calls that wait. Time is that of the drawn game: none passes while it is paused.
import {
  abs,
  add,
  cos,
  harden,
  hasOwn,
  isFiniteNumber,
  keysOf,
  type List,
  list,
  max,
  min,
  PI,
  sin,
  stringify,
  TypeProblem,
  takeOut,
} from './safe.ts'

const DURATION_MS = 500

const milliseconds = (value: unknown, usual: number): number =>
  isFiniteNumber(value) ? max(0, value as number) : usual
const bounce = (t: number): number => {
  const n = 7.5625 // three bounces, each a parabola that touches 1: Robert Penner's constants
  const d = 2.75
  if (t < 1 / d) return n * t * t
  if (t < 2 / d) return n * (t - 1.5 / d) * (t - 1.5 / d) + 0.75
  if (t < 2.5 / d) return n * (t - 2.25 / d) * (t - 2.25 / d) + 0.9375
  return n * (t - 2.625 / d) * (t - 2.625 / d) + 0.984375
}
const EASES: Record<Ease, (t: number) => number> = {
  __proto__: null,
  linear: (t) => t,
  in: (t) => t * t,
  out: (t) => t * (2 - t),
  'in-out': (t) => (1 - cos(PI * t)) / 2,
  back: (t) => 1 + 2.70158 * (t - 1) ** 3 + 1.70158 * (t - 1) ** 2, // 10 % too far, and back
  bounce,
  elastic: (t) => (t === 0 || t === 1 ? t : 2 ** (-10 * t) * sin(((10 * t - 0.75) * 2 * PI) / 3) + 1),
} as Record<Ease, (t: number) => number>

type Target = Record<string, number>
interface Part {
  name: string
  from: number
  to: number
}

class RunningTween implements Tween {
  readonly #target: Target
  readonly #to: Target
  readonly #config: TweenConfig
  readonly #ease: (t: number) => number
  readonly #durationMs: number
  #parts: List<Part> | undefined
  #ms: number
  #runs = 0
  done = false

  constructor(target: Target, to: Target, config: TweenConfig) {
    const ease = config.ease ?? 'in-out'
    if (!hasOwn(EASES, ease))
      throw new TypeProblem(`tween: ${stringify(ease)} is no ease: write one of ${stringify(keysOf(EASES))}`)
    const names = keysOf(to)
    for (let i = 0; i < names.length; i++)
      if (!isFiniteNumber(to[names[i]!]) || !isFiniteNumber(target[names[i]!]))
        throw new TypeProblem(`tween: "${names[i]}" must be a number of the target, and go to a finite number`)
    this.#target = target
    this.#to = to
    this.#config = config
    this.#ease = EASES[ease]
    this.#durationMs = max(1, milliseconds(config.duration, DURATION_MS))
    this.#ms = -milliseconds(config.delay, 0)
  }

  stop(): void {
    this.done = true
  }

  /** Lets `ms` pass. */
  advance(ms: number): void {
    if (this.done) return
    if ((this.#target as unknown as Partial<Thing>).alive === false) {
      this.stop()
      return
    }
    this.#ms += ms
    if (this.#ms < 0) return
    this.#parts ??= this.#begin()
    const { repeat = 0, yoyo = false, onUpdate, onEnd } = this.#config
    while (this.#ms >= this.#durationMs && this.#runs < repeat) {
      this.#ms -= this.#durationMs
      this.#runs++
      if (this.#ms > this.#durationMs) this.#ms = this.#durationMs // one shorter than a frame runs once a frame, not for ever
      if (this.#durationMs <= ms) break
    }
    const part = min(1, this.#ms / this.#durationMs)
    const back = yoyo && this.#runs % 2 === 1
    const eased = this.#ease(back ? 1 - part : part)
    for (let i = 0; i < this.#parts.length; i++) {
      const { name, from, to } = this.#parts[i]!
      this.#target[name] = eased === 1 ? to : from + (to - from) * eased
    }
    if (onUpdate) onUpdate()
    if (part < 1 || this.#runs < repeat) return
    this.done = true
    if (onEnd) onEnd()
  }

  /** From where its target is when its delay is over. */
  #begin(): List<Part> {
    const parts = list<Part>()
    const names = keysOf(this.#to)
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!
      add(parts, { name, from: this.#target[name]!, to: this.#to[name]! })
    }
    return parts
  }
}

interface Waiting {
  ms: number
  call: () => void
}

export class Motion {
  readonly #tweens = list<RunningTween>()
  readonly #waiting = list<Waiting>()
  readonly #report: (error: unknown) => void

  constructor(report: (error: unknown) => void) {
    this.#report = report
  }

  readonly tween = (target: object, to: object, config: TweenConfig = {}): Tween => {
    const tween = new RunningTween(target as Target, to as Target, config)
    add(this.#tweens, tween)
    return tween
  }

  /** Calls `done` after `seconds`; the answer takes that back. */
  after(seconds: number, done: () => void): () => void {
    const waiting = { ms: abs(seconds) * 1000, call: done }
    add(this.#waiting, waiting)
    return () => takeOut(this.#waiting, waiting)
  }

  /** Lets `ms` pass. A callback that throws is reported and ends its tween. */
  advance(ms: number): void {
    let over = false
    const count = this.#tweens.length // those begun on the way wait for the next frame
    for (let i = 0; i < count; i++) {
      const tween = this.#tweens[i]!
      try {
        tween.advance(ms)
      } catch (error) {
        tween.stop()
        this.#report(error)
      }
      over ||= tween.done
    }
    if (over) this.#drop()
    const due = list<Waiting>()
    for (let i = 0; i < this.#waiting.length; i++) {
      const waiting = this.#waiting[i]!
      waiting.ms -= ms
      if (waiting.ms <= 0) add(due, waiting)
    }
    for (let i = 0; i < due.length; i++) {
      takeOut(this.#waiting, due[i]!)
      try {
        due[i]!.call()
      } catch (error) {
        this.#report(error)
      }
    }
  }

  #drop(): void {
    let kept = 0
    const all = this.#tweens
    for (let i = 0; i < all.length; i++) if (!all[i]!.done) all[kept++] = all[i]!
    all.length = kept
  }
}
harden(RunningTween)
