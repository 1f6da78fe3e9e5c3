// What a game said when it ended, as words for a player.
import type { Json } from '@sandlot/shared/protocol/messages.ts'

const MAX_CHARS = 300 // a result is a line; more than this is data for the log

/** A text or `{ text }` or `{ message }` as it is, `{ winner }` as a sentence with the player's name, else nothing. */
export function resultText(result: Json, players: readonly { id: string; name: string }[]): string | null {
  const text = sentence(result, players)
  return text === null ? null : text.slice(0, MAX_CHARS)
}

function sentence(result: Json, players: readonly { id: string; name: string }[]): string | null {
  if (typeof result === 'string') return result || null
  if (typeof result !== 'object' || result === null || Array.isArray(result)) return null
  for (const name of ['text', 'message']) if (typeof result[name] === 'string') return result[name] || null
  const { winner } = result
  if (winner === null) return 'A draw.'
  if (typeof winner !== 'string') return null
  return `${players.find(({ id }) => id === winner)?.name ?? winner} wins.`
}
