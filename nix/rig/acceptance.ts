// What must be true of the two machines, tried from outside and from inside as the wrong user. The same whoever built them.
import { Player } from '@sandlot/sandbox/supervisor/testing/player.ts'
import type { AppRouter } from '@sandlot/website/server/router.ts'
import { createTRPCClient, httpLink } from '@trpc/client'
import type { Guest } from './guest.ts'
import { fetchFrom, type Place, socketFrom } from './visit.ts'

export interface Pair {
  website: Guest
  sandbox: Guest
  site: Place
  play: Place
  /** Of the loopback, forwarded to the sandbox's SFTP. */
  sftp: number
  /** Powers one of them on again: after `powerOff`. */
  on(name: 'website' | 'sandbox'): Promise<void>
}
export type Rule = [title: string, holds: (pair: Pair) => Promise<void>]

const SITE = 'https://site.example'
const AS = (user: string) => `setpriv --clear-groups --reuid=${user} --regid=${user}`
/** As the user and in the view of the game host that runs. */
const IN_GAME = 'nsenter --target $(systemctl show --value -p MainPID sandlot-game@GAME.service) --all --'

let ada = '' // the cookies of two people
let bob = ''
let game = ''

export const api = (site: Place, cookie = ada) =>
  createTRPCClient<AppRouter>({
    links: [
      httpLink({
        url: `${SITE}/api/trpc`,
        headers: { origin: SITE, cookie },
        fetch: fetchFrom(site) as never,
      }),
    ],
  })

export async function signUp(site: Place, name: string): Promise<string> {
  const made = await fetchFrom(site)(`${SITE}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: SITE },
    body: JSON.stringify({ name, email: `${name.toLowerCase()}@example.com`, password: 'correct horse battery' }),
  })
  expect(made.ok, await made.clone().text())
  const cookies = made.headers.getSetCookie().map((text) => text.split(';', 1)[0])
  return cookies.join('; ')
}

/** Fails with the sentence unless it is true. */
export function expect(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new Error(sentence)
}

async function denied(vm: Guest, script: string): Promise<void> {
  const { code, output } = await vm.run(script)
  expect(code !== 0, `${vm.name}: this worked: ${script}\n${output.slice(-500)}`)
}

export const JOURNEY: Rule[] = [
  [
    'after one command of enrolment every service runs, and no unit has failed',
    async ({ website, sandbox }) => {
      await website.active('sandlot-migrate', 'sandlot-bridge', 'sandlot-caddy', 'sandlot-keys')
      await sandbox.active('sandlot-caddy', 'sandlot-keys')
      const offer = await sandbox.ok('sandlot-enrol offer 2>/dev/null')
      const welcome = await website.ok(`printf %s '${offer.trim()}' | sandlot-enrol accept`)
      await sandbox.ok(`printf %s '${welcome.trim()}' | sandlot-enrol accept`)
      await website.active('sandlot-website')
      await sandbox.active('sandlot-supervisor', 'sshd-sftp')
      for (const vm of [website, sandbox]) {
        const { output } = await vm.run('systemctl list-units --failed --plain --no-legend')
        expect(output.trim() === '', `${vm.name}: ${output}`)
      }
    },
  ],
  [
    'the site answers over TLS with its security headers, and an address that a person opens is its page',
    async ({ site }) => {
      for (const path of ['/', '/games/anything']) {
        const page = await fetchFrom(site)(`${SITE}${path}`)
        expect(page.status === 200, `${path}: ${page.status}`)
        expect(page.headers.get('content-security-policy')?.includes("default-src 'none'") === true, 'no policy')
        expect(page.headers.get('strict-transport-security') !== null, 'no HSTS')
        expect(page.headers.get('server') === null, `server: ${page.headers.get('server')}`)
        expect((await page.text()).includes('<script'), 'no page')
      }
      const missing = await fetchFrom(site)(`${SITE}/assets/nothing.js`)
      expect(missing.status === 404, `a missing file: ${missing.status}`)
    },
  ],
  [
    'a creator signs up and makes a game, which is built on the sandbox',
    async ({ site }) => {
      ada = await signUp(site, 'Ada')
      bob = await signUp(site, 'Bob')
      await api(site).games.create.mutate({ title: 'Hello', template: 'hello' })
      const mine = async () => (await api(site).games.mine.query()).games[0]!
      for (const endMs = Date.now() + 60_000; !(await mine()).playable; )
        expect(Date.now() < endMs, `never playable: ${JSON.stringify(await mine())}`)
      game = (await mine()).id
    },
  ],
  [
    'two players meet in one room through the front door, each with a ticket',
    async ({ site, play }) => {
      const seat = async (cookie: string) => {
        const answer = await api(site, cookie).rooms.quickPlay.mutate({ game })
        if (!answer.ok) throw new Error(JSON.stringify(answer))
        return answer
      }
      const [first, second] = [await seat(ada), await seat(bob)]
      expect(first.room === second.room, 'two rooms')
      const page = await fetchFrom(play)(first.url)
      expect(page.status === 200, `the game's page: ${page.status} ${await page.clone().text()}`)
      expect(page.headers.get('content-security-policy')?.includes('https://play.example/') === true, 'its policy')
      const bare = await fetchFrom(play)(`https://play.example/${game}`)
      expect(bare.status === 308, `without its slash: ${bare.status}`)
      const sockets = [first, second].map(() => socketFrom(play, `/${game}/ws`))
      await Promise.all([first, second].map(({ ticket }, at) => Player.join(sockets[at]!, ticket)))
      const stranger = socketFrom(play, `/${game}/ws`)
      const turnedAway = await Player.join(stranger, first.ticket).then(
        () => false,
        () => true,
      )
      for (const socket of [...sockets, stranger]) socket.terminate()
      expect(turnedAway, 'a ticket worked twice')
    },
  ],
  [
    'a game that there is not is a clear 404, and nothing but GET is taken',
    async ({ play }) => {
      const none = await fetchFrom(play)('https://play.example/no-such-game/')
      expect(none.status === 404 && (await none.text()).includes('There is no such game'), `${none.status}`)
      const post = await fetchFrom(play)(`https://play.example/${game}/`, { method: 'POST', body: 'x' })
      expect(post.status === 405 && (await post.text()).includes('Only GET'), `POST: ${post.status}`)
    },
  ],
]

export const WALLS: Rule[] = [
  [
    'a game host has no network, and sees no key, no other game and nothing of the system but a runtime',
    async ({ sandbox }) => {
      const inside = IN_GAME.replace('GAME', game)
      const node = (script: string) => `${inside} /opt/sandlot/node_modules/.bin/node -e '${script}'`
      await sandbox.ok(`systemctl is-active sandlot-game@${game}.service`)
      await sandbox.ok(node('require("fs").readdirSync("/opt/sandlot")'))
      await denied(sandbox, node('require("fs").readdirSync("/var/lib/sandlot-keys")'))
      await denied(sandbox, node('require("fs").readdirSync("/var/lib/sandlot-caddy")'))
      await denied(sandbox, node('require("fs").readdirSync("/var/lib/sandlot/games")'))
      await denied(sandbox, node('require("fs").readFileSync("/etc/shadow")'))
      const view = await sandbox.ok(node('console.log(require("fs").readdirSync("/run/sandlot-game").join())'))
      expect(view.trim() === game, `it sees ${view}`)
      const cards = await sandbox.ok(node('console.log(Object.keys(require("os").networkInterfaces()).join())'))
      expect(['', 'lo'].includes(cards.trim()), `its network: ${cards}`)
    },
  ],
  [
    'a game host has a user of its own, no capability, a memory limit, and a filter of system calls',
    async ({ sandbox }) => {
      const status = await sandbox.ok(
        `cat /proc/$(systemctl show --value -p MainPID sandlot-game@${game}.service)/status`,
      )
      const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? ''
      const uid = Number(field('Uid').split('\t')[0])
      expect(uid >= 61184 && uid <= 65519, `its user: ${uid}`)
      for (const name of ['CapEff', 'CapPrm', 'CapBnd', 'CapAmb', 'CapInh'])
        expect(/^0+$/.test(field(name)), `${name}: ${field(name)}`)
      expect(field('NoNewPrivs') === '1' && field('Seccomp') === '2', 'NoNewPrivs, Seccomp')
      const limit = await sandbox.ok(`systemctl show --value -p MemoryMax sandlot-game@${game}.service`)
      expect(Number(limit) === 1152 * 2 ** 20, `MemoryMax ${limit}`)
    },
  ],
  [
    'the supervisor starts games and nothing else; the front door starts nothing',
    async ({ sandbox }) => {
      await sandbox.ok(`${AS('sandlot-supervisor')} systemctl --no-ask-password start sandlot-game@${game}.service`)
      await denied(sandbox, `${AS('sandlot-supervisor')} systemctl --no-ask-password restart sandlot-caddy.service`)
      await denied(sandbox, `${AS('sandlot-supervisor')} systemctl --no-ask-password start sandlot-game.slice`)
      await denied(sandbox, `${AS('sandlot-caddy')} systemctl --no-ask-password start sandlot-game@${game}.service`)
    },
  ],
  [
    'keys are read by nobody but root',
    async ({ website, sandbox }) => {
      for (const [vm, user] of [
        [website, 'sandlot-website'],
        [sandbox, 'sandlot-supervisor'],
      ] as const) {
        await vm.ok('cat /var/lib/sandlot-keys/* > /dev/null')
        await denied(vm, `${AS(user)} ls /var/lib/sandlot-keys`)
        await denied(vm, `${AS(user)} ls /var/lib/sandlot-caddy`)
      }
    },
  ],
  [
    'each role of the database is reached by its user alone, and a backup reads all and writes nothing',
    async ({ website }) => {
      const query = (user: string, role: string, text: string) =>
        `${AS(user)} psql -h /run/postgresql -U ${role} sandlot -c '${text}'`
      await website.ok(query('sandlot-bridge', 'sandlot_bridge', 'select id from games'))
      await denied(website, query('sandlot-bridge', 'sandlot_bridge', 'select * from session'))
      await denied(website, query('sandlot-bridge', 'sandlot_website', 'select id from games'))
      await website.ok(query('sandlot-backup', 'sandlot_backup', 'select * from session'))
      await denied(website, query('sandlot-backup', 'sandlot_backup', 'delete from session'))
      await denied(website, query('sandlot-caddy', 'postgres', 'select 1'))
    },
  ],
  [
    'the link carries the two doors and nothing else; nobody but the front door speaks to the internet',
    async ({ website, sandbox }) => {
      const reach = (user: string, address: string, port: number) =>
        `${AS(user)} timeout 5 bash -c '</dev/tcp/${address}/${port}'`
      await sandbox.ok(reach('sandlot-supervisor', '10.77.0.1', 4100))
      await website.ok(reach('sandlot-website', '10.77.0.2', 4200))
      for (const port of [22, 80, 443, 5432]) await denied(sandbox, reach('sandlot-supervisor', '10.77.0.1', port))
      for (const port of [22, 80, 443, 2022]) await denied(website, reach('sandlot-website', '10.77.0.2', port))
      await denied(sandbox, reach('sandlot-caddy', '10.77.0.1', 4100))
      for (const [vm, user] of [
        [website, 'sandlot-website'],
        [sandbox, 'sandlot-supervisor'],
      ] as const) {
        const refused = await vm.run(`${AS(user)} timeout 5 bash -c '</dev/tcp/10.0.2.2/80'`)
        expect(refused.code !== 0 && /prohibited|denied|unreachable|No route/i.test(refused.output), refused.output)
      }
    },
  ],
  [
    'a night makes a copy of the database that can be restored',
    async ({ website }) => {
      await website.ok('systemctl start sandlot-backup.service')
      const postgres = `cd / && ${AS('postgres')}`
      await website.ok('install -m 644 /var/lib/sandlot-backup/*.dump /tmp/copy.dump')
      await website.ok(`${postgres} createdb restored`)
      await website.ok(
        `${postgres} pg_restore --exit-on-error --no-owner --no-privileges --dbname=restored /tmp/copy.dump`,
      )
      const names = await website.ok(`${postgres} psql -At restored -c 'select name from "user"'`)
      expect(names.includes('Ada'), `restored: ${names}`)
    },
  ],
  [
    'every service that is killed comes back, and the game can be played again',
    async ({ website, sandbox, site, play }) => {
      const kill = async (vm: Guest, unit: string) => {
        const pid = `systemctl show --value -p MainPID ${unit}`
        const before = (await vm.ok(pid)).trim()
        await vm.ok(`kill -9 ${before}`)
        await vm.until(`test "$(${pid})" != ${before} && test "$(${pid})" != 0 && systemctl is-active ${unit}`)
      }
      for (const unit of ['sandlot-website', 'sandlot-bridge', 'sandlot-caddy']) await kill(website, unit)
      for (const unit of ['sandlot-supervisor', 'sandlot-caddy', 'sshd-sftp']) await kill(sandbox, unit)
      const page = await fetchFrom(play)(`https://play.example/${game}/`)
      expect(page.status === 200, `the game's page: ${page.status} ${await page.clone().text()}`)
      expect((await api(site).rooms.quickPlay.mutate({ game })).ok, 'no room')
    },
  ],
]

export const OUTAGES: Rule[] = [
  [
    'while the sandbox is powered off the site answers and says so; afterwards the game is played again',
    async ({ sandbox, site, play, on }) => {
      await sandbox.powerOff()
      const home = await fetchFrom(site)(`${SITE}/`)
      expect(home.status === 200, `the site: ${home.status}`)
      const answer = await api(site).rooms.quickPlay.mutate({ game })
      expect(!answer.ok && answer.reason === 'unavailable' && answer.text !== '', JSON.stringify(answer))
      await on('sandbox')
      await sandbox.active('sandlot-supervisor', 'sandlot-caddy', 'sshd-sftp')
      await playable(site, play)
    },
  ],
  [
    'while the website is powered off a running game goes on; afterwards everything returns',
    async ({ website, site, play, on }) => {
      const answer = await api(site).rooms.quickPlay.mutate({ game })
      if (!answer.ok) throw new Error(JSON.stringify(answer))
      const socket = socketFrom(play, `/${game}/ws`)
      await Player.join(socket, answer.ticket)
      await website.powerOff()
      const page = await fetchFrom(play)(answer.url)
      expect(page.status === 200 && socket.readyState === socket.OPEN, `the game: ${page.status}, ${socket.readyState}`)
      await on('website')
      await website.active('sandlot-website', 'sandlot-bridge', 'sandlot-caddy')
      expect(socket.readyState === socket.OPEN, 'the player was dropped')
      socket.terminate()
      await playable(site, play)
    },
  ],
]

/** Waits until a seat can be had and the page of the game loads. */
async function playable(site: Place, play: Place): Promise<void> {
  let last = ''
  for (const endMs = Date.now() + 60_000; Date.now() < endMs; ) {
    const answer = await api(site)
      .rooms.quickPlay.mutate({ game })
      .catch((error: Error) => error)
    last = answer instanceof Error ? answer.message : JSON.stringify(answer)
    if (!(answer instanceof Error) && answer.ok && (await fetchFrom(play)(answer.url)).status === 200) return
  }
  throw new Error(`never playable again: ${last}`)
}
