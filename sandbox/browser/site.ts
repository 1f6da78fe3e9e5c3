// The website's page around the runtime, when there is one. Everything is said on one port that only that page has the other end of.
import { Bucket } from '@sandlot/shared/bucket.ts'
import type { PageToRuntime, RuntimeToPage } from '@sandlot/shared/protocol/messages.ts'
import { PAGE_MESSAGE_BURST, PAGE_MESSAGES_PER_SECOND, readPageMessage } from '@sandlot/shared/protocol/page.ts'

export class Site {
  readonly #port: MessagePort
  readonly #heard = new Bucket(PAGE_MESSAGES_PER_SECOND, PAGE_MESSAGE_BURST)
  readonly #said = new Bucket(PAGE_MESSAGES_PER_SECOND - 10, PAGE_MESSAGE_BURST - 50) // below what the page takes
  #ignored = 0

  /** Tells the page that the runtime is ready and calls `receive` for each message that it sends. */
  constructor(page: Window, receive: (message: PageToRuntime) => void) {
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    port1.onmessage = (event) => {
      // The data of a message that is one too many is not even unpacked.
      const message = this.#heard.take(performance.now()) ? readPageMessage(event.data) : undefined
      if (message) receive(message)
      else this.#ignored++
    }
    addEventListener('message', () => this.#ignored++) // whoever it is from: the page has its port
    // Any origin may hear READY: the host's frame-ancestors decides who can embed the game, and the port is worth nothing without a ticket.
    page.postMessage({ type: 'READY' }, '*', [port2])
  }

  /** Messages that were unknown, malformed, too many or not from the page's port. */
  get ignored(): number {
    return this.#ignored
  }

  /** False when it is one too many and was not said. */
  post(message: RuntimeToPage): boolean {
    if (!this.#said.take(performance.now())) return false
    this.#port.postMessage(message)
    return true
  }
}
