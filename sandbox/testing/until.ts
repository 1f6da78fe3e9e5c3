// Waiting for a condition instead of a time.
const POLL_MS = 5
const PATIENCE_MS = 60_000 // an upper bound for a machine that does much else

/** What `found` gives as soon as it is neither undefined, null nor false. Rejects with `what` (and `seen`) after a minute. */
export async function until<T>(
  found: () => T | undefined | null | false,
  what: string,
  seen?: () => string,
): Promise<T> {
  for (const endMs = performance.now() + PATIENCE_MS; performance.now() < endMs; ) {
    const value = found()
    if (value !== undefined && value !== null && value !== false) return value
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  throw new Error(
    `waited ${PATIENCE_MS / 1000} s in vain until ${what}${seen ? `; seen: ${seen().slice(-1_000)}` : ''}`,
  )
}
