// Who shares an address. For servers on Node only.
import { isIPv6 } from 'node:net'

/** The part of an address that its user cannot change at will. Text that is no address stays as it is. */
export function networkOf(address: string): string {
  const bare = address.split('%', 1)[0]! // a zone, as in fe80::1%eth0
  if (!isIPv6(bare)) return address
  const groups = new URL(`http://[${bare}]/`).hostname.slice(1, -1) // lower case, without leading zeros, IPv4 parts in hex
  const [left, right] = groups.split('::').map((half) => (half === '' ? [] : half.split(':'))) as [string[], string[]?]
  const all = right ? [...left, ...Array(8 - left.length - right.length).fill('0'), ...right] : left
  const mapped = all.slice(0, 6).join(':') === '0:0:0:0:0:ffff' // ::ffff:192.0.2.1, as a port for both kinds says it
  if (!mapped) return `${all.slice(0, 4).join(':')}::/64`
  return all
    .slice(6)
    .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
    .join('.') // prettier-ignore
}
