// Who is calling: the node whose bearer token the request shows.
import { createHash, timingSafeEqual } from 'node:crypto'

/** The node of this `Authorization` header, or null. Every known digest is compared, so that time tells nothing. */
export function callingNode(nodes: ReadonlyMap<string, string>, authorization: string | undefined): string | null {
  const token = /^Bearer (\S{16,512})$/.exec(authorization ?? '')?.[1] ?? ''
  const shown = createHash('sha256').update(token).digest()
  let caller: string | null = null
  for (const [digest, node] of nodes) if (timingSafeEqual(shown, Buffer.from(digest, 'hex'))) caller = node
  return caller
}
