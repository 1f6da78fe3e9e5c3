// All that OpenSSH can carry beside a session, asked for by its own client: the server carries none of it, and the session works.
import { existsSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { said } from '../client.ts'
import { Packets } from '../packets.ts'
import { cleo, client, until } from '../sftp.ts'
import { expect, type Rule } from './pair.ts'

const TARGETS = { tcp: '127.0.0.1:4200', 'unix socket': '/run/sandlot-front/http.sock' } // of the sandbox: both are there

/** What comes back from a socket of this machine after these bytes, until it is closed. */
const answers = (at: { path: string } | { port: number; host: string }, bytes: Buffer | string): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(at, () => socket.write(bytes))
    let heard = ''
    socket.on('data', (chunk) => {
      heard += chunk.toString('hex')
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(heard))
  })

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** A proxy's client that wants 127.0.0.1:4200: SOCKS 5, without a password. */
const SOCKS = Buffer.from([5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, 4200 >> 8, 4200 & 255])

export const FORWARDING: Rule[] = [
  [
    '[F11] nothing is carried to the sandbox: not to its ports, not to its sockets, not through a proxy',
    async ({ sandbox }) => {
      const port = await freePort()
      const since = (await sandbox.ok('date +%s')).trim()
      const places = Object.values(TARGETS).map((target, at) => [`local-${at}`, target] as const)
      const locals = places.flatMap(([name, target]) => ['-L', `/mnt/${name}:${target}`])
      const session = client.forwarding(cleo.login, cleo.key, ...locals, '-D', `127.0.0.1:${port}`)
      let heard = ''
      session.stderr.on('data', (chunk) => {
        heard += chunk
      })
      const end = said(session)
      try {
        await until('the session', () => heard.includes('Entering interactive session'))
        for (const [name] of places) {
          expect(existsSync(client.path(name)), `ssh does not listen for ${name}`)
          const answer = await answers({ path: client.path(name) }, 'GET / HTTP/1.0\r\n\r\n')
          expect(answer === '', `${name}: ${answer}`)
        }
        const proxy = await answers({ port, host: '127.0.0.1' }, SOCKS)
        expect(!proxy.slice(4).startsWith('0500'), `the proxy: ${proxy}`) // 05 00: it is connected
        expect((heard.match(/open failed: administratively prohibited/g) ?? []).length === 2, `ports: ${heard}`)
        expect((heard.match(/open failed: connect failed/g) ?? []).length === 1, `a socket: ${heard}`) // so OpenSSH says that to a client
        const refused = `journalctl -u sshd-sftp --since=@${since} | grep -oE 'refused (local|streamlocal) port forward' | sort | uniq -c`
        const told = (await sandbox.until(`${refused} | grep -B1 streamlocal`)).replaceAll(/\s+/g, ' ').trim()
        expect(told === '2 refused local port forward 1 refused streamlocal port forward', told)
      } finally {
        session.kill('SIGTERM')
        await end
      }
    },
  ],
  [
    '[F11] nothing is carried from the sandbox: a session that asks for an agent and for X11 works, and has neither',
    async ({ sandbox }) => {
      const agent = client.session('ssh-agent', '-D', '-a', '/mnt/agent')
      const end = said(agent)
      try {
        await until('the agent', () => existsSync(client.path('agent')))
        const asks = ['-Y', '-o', 'IdentityAgent=/mnt/agent', '-o', 'ForwardAgent=yes']
        const session = client.subsystem(cleo.login, cleo.key, asks, 'DISPLAY=127.0.0.1:7')
        let heard = ''
        session.stderr.on('data', (chunk) => {
          heard += chunk
        })
        const packets = await Packets.open(session)
        expect((await packets.realpath(`/${cleo.game}`)).status === null, 'the session does not work')
        expect(/Requesting (authentication )?agent forwarding/.test(heard), `it asked for no agent: ${heard}`)
        await until('the refusal of X11', () => /X11 forwarding request failed/.test(heard))
        // Either would be a socket that the server listens on; it has the one of SFTP.
        const sockets = (await sandbox.ok(`ss -Hlnxtp | grep '"sshd'`)).trim().split('\n')
        expect(
          sockets.every((line) => /^tcp\s.*:2022\s/.test(line)),
          `it listens: ${sockets.join('; ')}`,
        )
        await packets.end()
      } finally {
        agent.kill('SIGTERM')
        await end
      }
    },
  ],
  [
    '[F11] no tunnel of networks is opened',
    async () => {
      const session = client.forwarding(cleo.login, cleo.key, '-o', 'ExitOnForwardFailure=yes', '-w', 'any:any')
      const end = said(session)
      let heard = ''
      session.stderr.on('data', (chunk) => {
        heard += chunk
      })
      const outcome =
        /Tunnel forwarding failed|open failed: administratively prohibited|Tunnel device open failed|Could not request tunnel/
      try {
        await until('an outcome', () => outcome.test(heard) || session.exitCode !== null)
      } finally {
        session.kill('SIGTERM')
        await end
      }
      if (/Tunnel device open failed|Could not request tunnel/.test(heard))
        return 'this computer has no tunnels of its own'
      expect(/administratively prohibited|Tunnel forwarding failed/.test(heard), heard)
    },
  ],
]
