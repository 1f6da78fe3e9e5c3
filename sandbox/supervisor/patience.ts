// For whoever asks and cannot wait for ever.

/** What `work` gives, or `otherwise` after `ms`; the work goes on. Rejects as `work` does. */
export async function withinMs<T>(ms: number, work: Promise<T>, otherwise: T): Promise<T> {
  const late = Promise.withResolvers<T>()
  const timer = setTimeout(() => late.resolve(otherwise), ms)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}
