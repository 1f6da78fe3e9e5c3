// What those hear who ask for a game: its host, or why there is none now.
import type { CodeProblem } from '@sandlot/shared/protocol/messages.ts'
import type { Host } from './host.ts'

const HELD_RETRY_MS = 60_000 // a game that its creator has stopped is worth another look after this

/** Why nobody who asks gets the game started: it died too often of late, or its creator has stopped it. */
export type Hold = { by: 'crashes'; untilMs: number } | { by: 'creator' }

/** `why` is a sentence for a person; `retryMs` is when to ask again. `crashed`, `stopped`: it is held, see Hold. `…-full`: see Places. */
export type NotNow = {
  ok: false
  reason: 'unavailable' | 'crashed' | 'stopped' | 'node-full' | 'creator-full'
  why: string
  retryMs: number
}
export type Ready = { ok: true; host: Host } | { ok: false; reason: 'no-build'; problem: CodeProblem | null } | NotNow

export function unavailable(why: string, retryMs: number): NotNow {
  return { ok: false, reason: 'unavailable', why, retryMs }
}

/** `why`: what the crashes were. */
export function held(hold: Hold, why: string | null): NotNow {
  if (hold.by === 'crashes') return { ok: false, reason: 'crashed', why: why ?? '', retryMs: hold.untilMs - Date.now() }
  const text = 'The creator of this game has stopped it for now. Come back later.'
  return { ok: false, reason: 'stopped', why: text, retryMs: HELD_RETRY_MS }
}
