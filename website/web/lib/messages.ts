// How the game's iframe introduces itself. What it says after that is checked by shared/protocol/page.ts.

/** Whether a window message is the runtime's first word: READY, from an opaque origin, with exactly one port. */
export function isReady(event: Pick<MessageEvent, 'data' | 'origin' | 'ports'>): boolean {
  const { data } = event
  return (
    typeof data === 'object' &&
    data !== null &&
    data.type === 'READY' &&
    event.ports.length === 1 &&
    event.origin === 'null' // a sandboxed document has no origin; anything else is not the runtime
  )
}
