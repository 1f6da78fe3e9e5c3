// Bearer tokens of the two doors: compared in a time that tells nothing. For servers on Node only.
import { createHash, timingSafeEqual } from 'node:crypto'
import { BlockList, isIP } from 'node:net'
import { z } from 'zod'

/** What is between the words of `Authorization: Bearer TOKEN`; empty text when there is no such thing. */
const bearer = (authorization: string | undefined): string =>
  /^Bearer (\S{16,512})$/.exec(authorization ?? '')?.[1] ?? ''

/** SHA-256 in hex, which is all that a door has to remember of a token. */
export const tokenDigest = (token: string): string => createHash('sha256').update(token).digest('hex')

/** The one of `known` whose digest the header's token has. All are compared, so that time tells neither content nor length nor which. */
export function shownBy<T extends { digest: string }>(
  known: readonly T[],
  authorization: string | undefined,
): T | null {
  const shown = createHash('sha256').update(bearer(authorization)).digest()
  let found: T | null = null
  for (const one of known) if (timingSafeEqual(shown, Buffer.from(one.digest, 'hex'))) found = one
  return found
}

/** Whether a call may come from this address; undefined: over a unix socket, whose file says who may. */
export type Sources = (address: string | undefined) => boolean

/** Addresses and networks (`10.1.0.2`, `fd00::/64`) that a token may be shown from. */
export const sources = z
  .array(z.string().regex(/^[0-9a-fA-F.:]+(\/\d{1,3})?$/))
  .min(1)
  .transform((texts, context): Sources => {
    const allowed = new BlockList()
    try {
      for (const text of texts) {
        const [address = '', bits] = text.split('/')
        const type = isIP(address) === 6 ? 'ipv6' : 'ipv4'
        if (bits === undefined) allowed.addAddress(address, type)
        else allowed.addSubnet(address, Number(bits), type)
      }
    } catch {
      context.addIssue('is not a list of addresses and networks')
      return z.NEVER
    }
    return (address) => address === undefined || allowed.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  })
