// What a game uses of its budgets, for a terminal: one line while somebody plays, and at once when a limit stops something.
import { METERS, type Meter, type Usage } from '@sandlot/shared/budgets.ts'

const SHOW_MS = 30_000
const NAMES: Record<Meter, string> = {
  rooms: 'rooms',
  players: 'players',
  memoryMiB: 'memory MiB',
  roomMemoryMiB: 'room memory MiB',
  cpuMsPerSecond: 'room CPU ms/s',
  frameMs: 'frame ms',
  stateBytes: 'state bytes',
  frameOutputBytes: 'frame output bytes',
  frameMessages: 'messages a frame',
  playerMessagesPerSecond: 'player messages/s',
  playerBytesPerSecond: 'player bytes/s',
  logLinesPerSecond: 'log lines/s',
  logBytesPerSecond: 'log bytes/s',
  storeBytes: 'store bytes',
}

export class Meters {
  #say: (text: string) => void
  #over: Partial<Record<Meter, number>> = {}
  #shownMs = -Infinity

  constructor(say: (text: string) => void) {
    this.#say = say
  }

  /** To be called whenever the usage was measured. */
  show(usage: Usage): void {
    const hit = METERS.filter((meter) => usage[meter].over > (this.#over[meter] ?? 0))
    for (const meter of hit) this.#over[meter] = usage[meter].over
    if (hit.length > 0) this.#say(`Over its limit: ${hit.map((meter) => inWords(meter, usage)).join(', ')}`)
    if (usage.players.used === 0 || performance.now() < this.#shownMs + SHOW_MS) return
    this.#shownMs = performance.now()
    this.#say(`Used/limit: ${METERS.map((meter) => inWords(meter, usage)).join(', ')}`)
  }
}

function inWords(meter: Meter, usage: Usage): string {
  const { used, limit, over } = usage[meter]
  return `${NAMES[meter]} ${used}/${limit}${over > 0 ? ` (over ${over} times)` : ''}`
}
