// Each machine without the other, and a sandbox that is not to be trusted any more.
import type { Player } from '@sandlot/sandbox/supervisor/testing/player.ts'
import { fetchFrom } from '../visit.ts'
import { reported } from './journey.ts'
import { api, authorityOf, enrol, enter, eventually, expect, made, playable, query, type Rule, SITE } from './pair.ts'

const SERVICES = {
  website: ['sandlot-website', 'sandlot-bridge', 'sandlot-caddy'],
  sandbox: ['sandlot-supervisor', 'sandlot-caddy', 'sshd-sftp'],
}

const HEALTH = `${SITE}/api/health` // what nix/README.md tells an operator to watch

const scoreOf = (player: Player) => (player.state as { score: number }).score

export const OUTAGES: Rule[] = [
  [
    'the address for monitoring says 200, and 503 while the database lets nobody in or the website is stopped, though pages load',
    async (pair) => {
      const { website, site } = pair
      const health = (status: number) =>
        eventually(`${HEALTH} to say ${status}`, async () => {
          const answer = await fetchFrom(site)(HEALTH)
          const { message } = (await answer.json()) as { message?: string }
          return (
            (answer.status === status && (status === 200 || message !== undefined)) || `${answer.status} ${message}`
          )
        })
      await health(200)
      try {
        await query(pair, 'alter role sandlot_website nologin')
        await query(pair, `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'sandlot_website'`)
        await health(503)
      } finally {
        await query(pair, 'alter role sandlot_website login')
      }
      await health(200)
      await website.ok('systemctl stop sandlot-website')
      await health(503)
      const home = await fetchFrom(site)(`${SITE}/`)
      expect(home.status === 200, `the site: ${home.status}`)
      await website.ok('systemctl start sandlot-website')
      await health(200)
    },
  ],
  [
    'while the sandbox is powered off the site answers and says so; afterwards the game is played again',
    async (pair) => {
      await pair.sandbox.powerOff()
      const home = await fetchFrom(pair.site)(`${SITE}/`)
      expect(home.status === 200, `the site: ${home.status}`)
      const answer = await api(pair.site).rooms.quickPlay.mutate({ game: made.game })
      expect(!answer.ok && answer.reason === 'unavailable' && answer.text !== '', JSON.stringify(answer))
      await pair.on('sandbox')
      await pair.sandbox.active(...SERVICES.sandbox)
      await playable(pair)
    },
  ],
  [
    'while the website is powered off rooms go on; what they reported meanwhile arrives, though the supervisor was killed too',
    async (pair) => {
      const { website, sandbox } = pair
      const { room, url, socket, player } = await enter(pair)
      await website.powerOff()
      const page = await fetchFrom(pair.play)(url)
      expect(page.status === 200, `the game's page: ${page.status}`)
      const before = scoreOf(player)
      player.act('hit')
      await eventually('the room to go on', async () => scoreOf(player) === before + 1 || `${player.closed}`)
      player.act('finish', 'alone')
      await eventually('the end', async () => player.messages.some(({ t }) => t === 'end') || `${player.closed}`)
      const pid = 'systemctl show --value -p MainPID sandlot-supervisor'
      const old = (await sandbox.ok(pid)).trim()
      await eventually('the report on disk', async () => {
        const { code } = await sandbox.run(`grep -q ${room} /var/lib/sandlot/reports.jsonl`)
        return code === 0 || 'it is not there'
      })
      await sandbox.ok(`kill -9 ${old}`)
      await sandbox.until(`test "$(${pid})" != ${old} && systemctl is-active sandlot-supervisor`)
      await pair.on('website')
      await website.active(...SERVICES.website)
      await reported(pair, room, 'alone')
      socket.terminate()
      await playable(pair)
    },
  ],
  [
    'a player stays connected while the website is powered off and on again',
    async (pair) => {
      const { socket, player } = await enter(pair)
      await pair.website.powerOff()
      await pair.on('website')
      await pair.website.active(...SERVICES.website)
      const before = scoreOf(player)
      player.act('hit')
      await eventually('the room to go on', async () => scoreOf(player) === before + 1 || `${player.closed}`)
      expect(socket.readyState === socket.OPEN, 'the player was dropped')
      socket.terminate()
    },
  ],
]

/** How many minutes the drill took, for whoever prints it. */
export const drill = { minutes: 0 }

export const DRILL: Rule[] = [
  [
    'a sandbox that may be taken over is replaced: new system, new data, one command; what the old one knew is worth nothing',
    async (pair) => {
      if (!pair.swap) return 'these machines are not made from images'
      const { website, sandbox } = pair
      const keys = 'cat /var/lib/sandlot-keys/bridge-token'
      const stolen = (await sandbox.ok(keys)).trim()
      await sandbox.ok('systemctl start sandlot-backup.service')
      const night = (await sandbox.ok('ls -1 /var/lib/sandlot-backup | grep ^2 | tail -n 1')).trim()
      const files = (await sandbox.ok(`tar -c -C /var/lib/sandlot-backup ${night} | base64 -w 0`)).trim()
      const authority = pair.play.ca
      const ask = (token: string) =>
        sandbox.ok(
          `setpriv --clear-groups --reuid=sandlot-supervisor --regid=sandlot-supervisor ${pair.programs.node} -e 'fetch("http://10.77.0.1:4100/rooms.report", { method: "POST", body: "{}", headers: { authorization: "Bearer ${token}", "content-type": "application/json" } }).then(({ status }) => console.log(status))'`,
        )
      expect((await ask(stolen)).trim() === '400', 'the token was worth nothing before')

      const startMs = performance.now()
      await sandbox.powerOff()
      await pair.swap('sandbox', 'new')
      await sandbox.active('sandlot-keys', 'sandlot-caddy')
      await sandbox.ok(`echo ${files} | base64 -d | tar -x -C /root && sandlot-restore /root/${night}`)
      await enrol(pair, 'offer')
      await sandbox.active(...SERVICES.sandbox)
      await website.active(...SERVICES.website)
      pair.play.ca = await authorityOf(sandbox)
      await playable(pair)
      drill.minutes = (performance.now() - startMs) / 60_000

      expect((await ask(stolen)).trim() === '401', 'the stolen token still opens the bridge')
      expect((await ask((await sandbox.ok(keys)).trim())).trim() === '400', 'the new token opens nothing')
      expect(pair.play.ca !== authority, 'the front door has the key that may be known')
      const { socket, player } = await enter(pair)
      expect(typeof scoreOf(player) === 'number', JSON.stringify(player.state))
      socket.terminate()
    },
  ],
]
