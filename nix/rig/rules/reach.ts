// Who may reach what, as the table in nix/README.md says.
import type { Guest } from '../guest.ts'
import { as, denied, expect, type Pair, type Rule } from './pair.ts'

const PORTS = [22, 53, 80, 111, 443, 2019, 2022, 4100, 4200, 5355, 5432]
const OPEN = { website: [80, 443], sandbox: [80, 443, 2022] }
const PROBE_MS = 4_000
/** Of every machine's card towards the internet, in the rig. */
const ADDRESSES = ['10.0.2.15', 'fd00:2::15']

/** Prints, for each address, the ports that answer: over TCP, and 443 over UDP when QUIC does (it names its versions to one that it does not know). */
const SCAN = `
const { connect } = require('node:net'), { createSocket } = require('node:dgram')
const tcp = (host, port) => new Promise((done) => {
  const socket = connect({ host, port }), end = (open) => { socket.destroy(); done(open && port) }
  socket.on('connect', () => end(true)).on('error', () => end(false)); setTimeout(end, ${PROBE_MS}, false)
})
const quic = (host) => new Promise((done) => {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4'), hello = Buffer.alloc(1200)
  hello.set([0xc0, 0x1a, 0x2a, 0x3a, 0x4a, 8, 1, 2, 3, 4, 5, 6, 7, 8, 8, 1, 2, 3, 4, 5, 6, 7, 8])
  const end = (open) => { try { socket.close() } catch {} done(open && 'quic') }
  socket.on('message', (answer) => end(answer[0] >= 0x80 && answer.readUInt32BE(1) === 0)).on('error', () => end(false))
  socket.send(hello, 443, host, (error) => error && end(false)); setTimeout(end, ${PROBE_MS}, false)
})
Promise.all(${JSON.stringify(ADDRESSES)}.map(async (host) => {
  const open = await Promise.all([...${JSON.stringify(PORTS)}.map((port) => tcp(host, port)), quic(host)])
  console.log(host + ' ' + open.filter(Boolean).join(','))
})).then(() => process.exit(0))
`

/** Whether this user of the machine gets a connection; the words of a refusal. */
const reach = (user: string, address: string, port: number) =>
  `${as(user)} timeout 5 bash -c '</dev/tcp/${address}/${port}'`

export const REACH: Rule[] = [
  [
    'the internet reaches the front doors and SFTP, over IPv4 and IPv6, and no other port',
    async (pair) => {
      const scans = await Promise.all((['website', 'sandbox'] as const).map((name) => pair[name].outside(SCAN)))
      for (const [at, name] of (['website', 'sandbox'] as const).entries()) {
        const scan = scans[at]
        if (scan === null) return 'the network of these machines has no outside of its own'
        const expected = ADDRESSES.map((address) => `${address} ${OPEN[name].join(',')},quic`)
        expect(
          scan!.trim().split('\n').sort().join('; ') === expected.sort().join('; '),
          `${name}: open: ${scan!.trim().replaceAll('\n', '; ')}`,
        )
      }
    },
  ],
  [
    'the link carries the two doors and nothing else, and is a network of IPv4 alone',
    async ({ website, sandbox }: Pair) => {
      await sandbox.ok(reach('sandlot-supervisor', '10.77.0.1', 4100))
      await website.ok(reach('sandlot-website', '10.77.0.2', 4200))
      await Promise.all([
        ...[22, 80, 443, 5432].map((port) => denied(sandbox, reach('sandlot-supervisor', '10.77.0.1', port))),
        ...[22, 80, 443, 2022].map((port) => denied(website, reach('sandlot-website', '10.77.0.2', port))),
        denied(sandbox, reach('sandlot-caddy', '10.77.0.1', 4100)),
        denied(website, reach('sandlot-bridge', '10.77.0.2', 4200)),
        denied(website, reach('root', '10.77.0.2', 4200)),
      ])
      for (const guest of [website, sandbox]) {
        const addresses = await guest.ok('ip -6 -oneline address show dev link')
        expect(addresses.trim() === '', `${guest.name}: ${addresses}`)
      }
    },
  ],
  [
    'nobody but the front door speaks to the internet, in either family, and is told so at once',
    async ({ website, sandbox }) => {
      const users = {
        website: ['sandlot-website', 'sandlot-bridge', 'postgres', 'root'],
        sandbox: ['sandlot-supervisor', 'sshd', 'root'],
      }
      const refused = async (guest: Guest, user: string, address: string) => {
        const { code, output } = await guest.run(reach(user, address, 80))
        const told = code !== 0 && /prohibited|denied|unreachable|No route/i.test(output)
        expect(told, `${guest.name}: ${user} to ${address}: ${code} ${output}`)
      }
      await Promise.all(
        [website, sandbox].flatMap((guest) =>
          users[guest.name as 'website' | 'sandbox'].flatMap((user) =>
            ['10.0.2.2', 'fd00:2::2'].map((address) => refused(guest, user, address)),
          ),
        ),
      )
      for (const guest of [website, sandbox]) {
        const allowed = await guest.run(reach('sandlot-caddy', '10.0.2.2', 80)) // nobody listens there, but it may ask
        expect(!/prohibited|denied|unreachable/i.test(allowed.output), `${guest.name}: ${allowed.output}`)
      }
    },
  ],
]
