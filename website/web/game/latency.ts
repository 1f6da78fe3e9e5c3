// How far away the others are, in a line.
import type { RuntimeStats } from '../lib/stage.svelte.ts'

const ms = (value: number): string => `${Math.max(1, Math.round(value))} ms`

/** Where messages go and how long they and their answers take. */
export function latencyText({ roomMs, peersMs, peers }: Pick<RuntimeStats, 'roomMs' | 'peersMs' | 'peers'>): string {
  const room = roomMs === null ? '' : `Server: ${ms(roomMs)}`
  if (peers === 0) return room
  const who = peers === 1 ? '1 player' : `${peers} players`
  const direct = `direct connection to ${who}${peersMs === null ? '' : `: ${ms(peersMs)}`}`
  return room ? `${room}, ${direct}` : direct
}
