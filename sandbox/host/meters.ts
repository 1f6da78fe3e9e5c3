// What a game uses of its budgets, for a terminal: one line while somebody plays, and at once when a limit stops something or somebody is
// turned away.
import { METER_WORDS, METERS, type Meter, type Usage, usedOfLimit } from '@sandlot/shared/budgets.ts'
import { type TurnedAway, turnedAwayInWords } from '@sandlot/shared/traffic.ts'

const SHOW_MS = 30_000
const TURNED_AWAY_MS = 5_000 // an attacker must not fill the terminal either

export class Meters {
  #say: (text: string) => void
  #over: Partial<Record<Meter, number>> = {}
  #shownMs = -Infinity
  #turnedAway = ''
  #turnedAwayMs = -Infinity

  constructor(say: (text: string) => void) {
    this.#say = say
  }

  /** To be called whenever the usage was measured. */
  show(usage: Usage, turnedAway: TurnedAway): void {
    this.#showTurnedAway(turnedAway)
    const hit = METERS.filter((meter) => usage[meter].over > (this.#over[meter] ?? 0))
    for (const meter of hit) this.#over[meter] = usage[meter].over
    if (hit.length > 0) this.#say(`Over its limit: ${hit.map((meter) => inWords(meter, usage)).join(', ')}`)
    if (usage.players.used === 0 || performance.now() < this.#shownMs + SHOW_MS) return
    this.#shownMs = performance.now()
    this.#say(`Used/limit: ${METERS.map((meter) => inWords(meter, usage)).join(', ')}`)
  }

  #showTurnedAway(turnedAway: TurnedAway): void {
    const now = performance.now()
    if (now < this.#turnedAwayMs + TURNED_AWAY_MS) return
    const text = turnedAwayInWords(turnedAway)
      .map(({ what, times }) => `${what} ${times}×`)
      .join(', ')
    if (text === this.#turnedAway) return
    this.#turnedAway = text
    this.#turnedAwayMs = now
    this.#say(`Turned away: ${text}`)
  }
}

function inWords(meter: Meter, usage: Usage): string {
  const { over } = usage[meter]
  return `${METER_WORDS[meter][0]} ${usedOfLimit(meter, usage[meter])}${over > 0 ? ` (over ${over} times)` : ''}`
}
