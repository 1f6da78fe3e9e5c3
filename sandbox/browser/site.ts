// The website's page around the runtime, when there is one. Everything is said on one port that only that page has the other end of.
import type { PageToRuntime, RuntimeToPage } from '@sandlot/shared/protocol/messages.ts'

const MAX_TICKET_CHARS = 2_000

const isMessage = (value: unknown): value is PageToRuntime => {
  if (typeof value !== 'object' || value === null) return false
  const { type, ticket } = value as { type?: unknown; ticket?: unknown }
  if (type === 'TICKET') return typeof ticket === 'string' && ticket.length <= MAX_TICKET_CHARS
  return type === 'PAUSE' || type === 'RESUME' || type === 'LEAVE'
}

export class Site {
  readonly #port: MessagePort
  /** Messages that were not understood. */
  ignored = 0

  /** Tells the page that the runtime is ready and calls `receive` for each message that it sends. */
  constructor(page: Window, receive: (message: PageToRuntime) => void) {
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    port1.onmessage = ({ data }) => {
      if (isMessage(data)) receive(data)
      else this.ignored++
    }
    // Any origin may hear READY: the host's frame-ancestors decides who can embed the game, and the port is worth nothing without a ticket.
    page.postMessage({ type: 'READY' }, '*', [port2])
  }

  post(message: RuntimeToPage): void {
    this.#port.postMessage(message)
  }
}
