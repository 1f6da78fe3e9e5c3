// Waits for a condition, and says what it waited for when it never came.

const STEP_MS = 20

/** Resolves with the first value of `look` that is neither false, null nor undefined. A throw of `look` counts as "not yet". */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  timeoutMs = 30_000,
  stepMs = STEP_MS,
): Promise<Exclude<T, false | null | undefined>> {
  const end = performance.now() + timeoutMs
  let last: unknown
  for (;;) {
    try {
      const value = await look()
      if (value) return value as Exclude<T, false | null | undefined>
      last = value
    } catch (error) {
      last = error
    }
    if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms for ${what}; last: ${String(last)}`)
    await new Promise((resolve) => setTimeout(resolve, stepMs))
  }
}
