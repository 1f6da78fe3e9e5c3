// Who is calling: the node whose bearer token the request shows, from where that token may be shown.
import type { IncomingMessage } from 'node:http'
import { type Sources, shownBy } from '@sandlot/shared/token.ts'

export interface KnownToken {
  /** SHA-256 in hex. */
  digest: string
  node: string
  /** From where it may be shown; null: from anywhere that reaches the door. */
  from: Sources | null
}

/** The node that sends this request, or null. */
export function callingNode(tokens: readonly KnownToken[], request: IncomingMessage): string | null {
  const shown = shownBy(tokens, request.headers.authorization)
  return shown && (shown.from?.(request.socket.remoteAddress) ?? true) ? shown.node : null
}
