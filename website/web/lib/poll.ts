// Asks again and again while somebody looks, and never two at a time.

/** Runs `ask` now and then every `everyMs` after the answer, but only while the page is visible. Returns how to stop. */
export function pollWhileVisible(ask: () => Promise<void>, everyMs: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false
  let asking = false
  const turn = async () => {
    clearTimeout(timer)
    if (stopped || asking || document.hidden) return
    asking = true
    await ask()
    asking = false
    if (!stopped) timer = setTimeout(turn, everyMs)
  }
  document.addEventListener('visibilitychange', turn)
  void turn()
  return () => {
    stopped = true
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', turn)
  }
}
