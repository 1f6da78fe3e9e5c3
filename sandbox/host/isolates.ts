// Which isolate a room runs in. Rooms of a build whose code keeps nothing outside of their states (build/stateless.ts) share isolates: one warm
// code and one heap for many rooms. All other rooms have one each. What a room does to its isolate costs those it shares it with at most the
// time since their last checkpoint.
import type { Build } from './build.ts'
import { GameIsolate } from './isolate.ts'

const ROOMS = 25 // of one isolate: how many a room can hold up at most
const OPEN = 1 / 4 // of the memory limit: an isolate with more in use takes no more rooms
const CROWDED = 1 / 2 // of the memory limit: rooms move out

/** A room's share of an isolate, until `release`. */
export class Place {
  #isolate: GameIsolate
  #room: number
  #group: Group | undefined
  #spentNs = 0n

  constructor(isolate: GameIsolate, room: number, group?: Group) {
    this.#isolate = isolate
    this.#room = room
    this.#group = group
  }

  /** Runs one command (frame.ts) to its end. Throws IsolateError, after which the place must be released. */
  enter(command: string, timeoutMs: number): string {
    const before = this.#isolate.cpuNs
    try {
      return this.#isolate.enter(this.#room, command, timeoutMs)
    } finally {
      this.#spentNs += this.#isolate.cpuNs - before
    }
  }

  /** The number of its isolate. */
  get isolate(): number {
    return this.#isolate.number
  }

  /** CPU time used since the last call, in milliseconds. */
  spentMs(): number {
    const spentMs = Number(this.#spentNs) / 1e6
    this.#spentNs = 0n
    return spentMs
  }

  /** Heap and buffers, in MiB; of a shared isolate an equal part. */
  get memoryMiB(): number {
    return this.#isolate.memoryMiB / (this.#group?.rooms ?? 1)
  }
  /** Another room of the isolate was stopped, or this one: nothing can be entered any more. */
  get isLost(): boolean {
    return this.#isolate.isLost
  }
  /** Whether the rooms of this isolate need so much memory together that some should move to one of their own. */
  get crowded(): boolean {
    return (
      this.#group !== undefined && this.#group.rooms > 1 && this.#isolate.memoryMiB > this.#group.memoryMiB * CROWDED
    )
  }

  release(): void {
    if (this.#group === undefined) this.#isolate.dispose()
    else this.#group.leave(this.#room)
    this.#group = undefined
  }
}

/** The rooms of one shared isolate. */
class Group {
  readonly isolate: GameIsolate
  readonly memoryMiB: number
  rooms = 0
  #made = 0
  #onEmpty: () => void

  constructor(build: Build, memoryMiB: number, onEmpty: () => void) {
    this.isolate = new GameIsolate(build.server, memoryMiB)
    this.memoryMiB = memoryMiB
    this.#onEmpty = onEmpty
  }

  get isOpen(): boolean {
    return this.rooms < ROOMS && !this.isolate.isLost && this.isolate.memoryMiB < this.memoryMiB * OPEN
  }
  enter(): Place {
    this.rooms++
    return new Place(this.isolate, this.#made++, this)
  }
  leave(room: number): void {
    this.rooms--
    if (this.rooms === 0) {
      this.isolate.dispose()
      this.#onEmpty()
    } else if (!this.isolate.isLost) this.isolate.forget(room)
  }
}

export class Isolates {
  #groups = new Map<Group, Build>()

  /** A place for a room of `build`. `alone`: shared with no other, in any case. Throws IsolateError. */
  take(build: Build, memoryMiB: number, alone = false): Place {
    if (alone || !build.server.stateless) return new Place(new GameIsolate(build.server, memoryMiB), 0)
    for (const [group, { id }] of this.#groups) if (id === build.id && group.isOpen) return group.enter()
    const group: Group = new Group(build, memoryMiB, () => this.#groups.delete(group))
    this.#groups.set(group, build)
    return group.enter()
  }
}
