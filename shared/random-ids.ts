// New identifiers, and their shapes as patterns. Free of every library: game hosts load it, and each of them should start fast and small.

/** A game host's user is `g-` and this, and Linux has names of 31 characters. */
export const MAX_GAME_ID_CHARS = 29
export const GAME_ID = /^[a-z0-9](?:[a-z0-9-]{0,27}[a-z0-9])?$/
export const ROOM_ID = /^r[0-9a-v]{19}$/
export const PLAYER_ID = /^p[0-9a-v]{19}$/
export const REPORT_KEY = /^k[0-9a-v]{19}$/

const ALPHABET = '0123456789abcdefghijklmnopqrstuv' // 32 letters, so 5 bits of a random byte choose one without bias
const LENGTH = 19 // 95 bits: unguessable, and collisions are out of reach

function random(prefix: string): string {
  const bytes = crypto.getRandomValues(new Uint8Array(LENGTH))
  let id = prefix
  for (const byte of bytes) id += ALPHABET[byte & 31]
  return id
}

export const newRoomId = (): string => random('r')
export const newPlayerId = (): string => random('p')
/** A random key that makes a report safe to send twice. */
export const newReportKey = (): string => random('k')
/** What a player shows to take back a seat after a dropped connection. */
export const newResumeKey = (): string => random('s')
