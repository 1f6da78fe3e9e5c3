// What a machine keeps: copies of the database that the site can go on with, of a night and of a moment, and all data through another image.
import type { Guest } from '../guest.ts'
import { api, as, denied, enter, expect, made, type Pair, playable, query, type Rule, signIn, signUp } from './pair.ts'
import { rolesHold } from './walls.ts'

const ELSEWHERE = '/var/lib/elsewhere'
const WAL = '/var/lib/sandlot-wal'

/** Gives the one command of restoring. Resolves with the name under which the database of before is kept. */
async function restore({ website }: Pair, words: string): Promise<string> {
  const said = await website.ok(`sandlot-restore ${words}`)
  const kept = /is kept as (sandlot_until_\d+_\d+)/.exec(said)?.[1]
  expect(kept !== undefined, said)
  return kept
}

/** The site knows whose cookies these are, and not whose those are. */
async function knows({ site }: Pair, these: string[], those: string[]): Promise<void> {
  const isKnown = (cookie: string) =>
    api(site, cookie)
      .games.mine.query()
      .then(
        () => true,
        ({ data }: { data?: { code: string } }) => data?.code !== 'UNAUTHORIZED' && Promise.reject(data),
      )
  const seen = [await Promise.all(these.map(isKnown)), await Promise.all(those.map(isKnown))]
  expect(seen[0]!.every(Boolean) && !seen[1]!.some(Boolean), `known: ${JSON.stringify(seen)}`)
}

/** Somebody signs in and plays; each role may what it may, and the tables are the owner's. */
async function works(pair: Pair): Promise<void> {
  const cookie = await signIn(pair.site, 'Ada')
  expect(cookie !== null, 'Ada cannot sign in')
  await playable(pair)
  const { socket } = await enter(pair, cookie)
  socket.terminate()
  await rolesHold(pair)
  const owners = await query(pair, `select distinct tableowner from pg_tables where schemaname = 'public'`)
  expect(owners.trim() === 'sandlot_owner', `tables of: ${owners}`)
}

/** Cookies of somebody who signs up after the night's copy. */
let zoe = ''

/** Bytes of /var of the website's machine, before its disk was made larger, and of the disk since then. */
const room = { before: 0, disk: 0 }
const roomOf = async (guest: Guest): Promise<number> => Number(await guest.ok('findmnt -nbo SIZE --target /var'))

export const DATA: Rule[] = [
  [
    'a night makes a copy of the database, with which one command lets the site go on; another goes back',
    async (pair) => {
      const { website, site } = pair
      await website.ok('systemctl start sandlot-backup.service')
      const copy = (await website.ok('ls -1d /var/lib/sandlot-backup/*.dump | tail -n 1')).trim()
      zoe = await signUp(site, 'Zoe')
      const kept = await restore(pair, copy)
      await knows(pair, [made.ada], [zoe])
      await works(pair)
      const open = (name: string, database: string) =>
        `${as(name)} ${pair.programs.psql} -h /run/postgresql -U ${name.replace('-', '_')} ${database} -c 'select 1'`
      await website.ok(open('sandlot-website', 'sandlot'))
      await denied(website, open('sandlot-website', kept))
      expect((await website.ok('sandlot-restore')).includes(kept), 'it is not listed')

      const other = await restore(pair, `--back ${kept}`)
      await knows(pair, [made.ada, zoe], [])
      await works(pair)
      await denied(website, `sandlot-restore --back ${kept}`)
      await website.ok(`sandlot-restore --drop ${other}`)
      await denied(website, `sandlot-restore --drop ${other}`)
    },
  ],
  [
    'a copy that is not whole stops nothing, and with one that this version cannot use the site goes back to what it had',
    async (pair) => {
      const { website, programs } = pair
      const postgres = `cd / && ${as('postgres')} ${programs.postgres}`
      const pid = 'systemctl show --value -p MainPID sandlot-website'
      const before = await website.ok(pid)
      await website.ok(
        'cat /var/lib/sandlot-backup/*.dump > /tmp/copy.dump; head -c 9000 /tmp/copy.dump > /tmp/torn.dump',
      )
      await denied(website, 'sandlot-restore /tmp/torn.dump')
      await denied(website, 'sandlot-restore /tmp/none.dump')
      expect((await website.ok(pid)) === before, 'the site was stopped')

      await website.ok(
        `${postgres}/createdb later && ${postgres}/pg_restore --no-owner --no-privileges --dbname=later < /tmp/copy.dump
         ${postgres}/psql -qX later -c "insert into kysely_migration (name, timestamp) values ('2999-01-01-later', '')"
         ${postgres}/pg_dump --format=custom later > /tmp/later.dump && ${postgres}/dropdb later`,
      )
      const { code, output } = await website.run('sandlot-restore /tmp/later.dump')
      expect(code !== 0 && output.includes('cannot be brought to this version'), output)
      await website.active('sandlot-website', 'sandlot-bridge')
      await knows(pair, [zoe], [])
      await works(pair)
      const left = `select datname from pg_database where datname ~ '^(later|sandlot_)'`
      expect((await query(pair, left)).trim() === '', `left: ${await query(pair, left)}`)
      await website.ok('rm /tmp/copy.dump /tmp/torn.dump /tmp/later.dump')
    },
  ],
  [
    'one command lets the site go on as it was at any moment since the last full copy, and the log before that is thrown away',
    async (pair) => {
      const { website, site } = pair
      await website.ok('systemctl start sandlot-base.service')
      const eve = await signUp(site, 'Eve')
      const moment = (await query(pair, 'select now()')).trim()
      await query(pair, `delete from \\"user\\" where name = 'Eve'`)
      const mallory = await signUp(site, 'Mallory')
      const last = (await query(pair, 'select pg_walfile_name(pg_switch_wal())')).trim()
      await website.until(`test -f ${WAL}/${last}`)
      await website.ok(`cp -a ${WAL} ${ELSEWHERE}`)

      const newest = await restore(pair, `--at '${moment}'`)
      await knows(pair, [made.ada, eve], [mallory])
      await works(pair)
      for (const [at, why] of [
        ['2999-01-01', 'has not come'],
        ['2001-01-01', 'no full copy'],
        ['once', 'no moment'],
      ]) {
        const { code, output } = await website.run(`sandlot-restore --at ${at}`)
        expect(code !== 0 && output.includes(why!), `${at}: ${output}`)
      }

      // A copy of the log from elsewhere, which ends before now, as that of a machine that is lost.
      const { code, output } = await website.run(`sandlot-restore --at "$(date -uIns)" ${ELSEWHERE}`)
      expect(code !== 0 && output.includes('ends earlier'), output)
      const kept = await restore(pair, `--at end ${ELSEWHERE}`)
      await knows(pair, [made.ada, mallory], [eve])
      await website.ok(`sandlot-restore --drop ${kept}; sandlot-restore --drop ${newest}; rm -r ${ELSEWHERE}`)
      await website.ok('test ! -e /var/lib/sandlot-restore')

      // Two more copies, of which the rig keeps two: nothing older stays.
      const oldest = `ls -1 ${WAL} | grep -E "^[0-9A-F]{24}$" | head -n 1`
      const before = await website.ok(oldest)
      await website.ok('systemctl start sandlot-base.service && systemctl start sandlot-base.service')
      const after = await website.ok(oldest)
      expect(before.trim() < after.trim(), `the log still begins at ${after}`)
      const copies = (await website.ok(`ls -1 ${WAL}/base`)).trim().split('\n')
      expect(copies.length === 2, `copies: ${copies}`)
    },
  ],
  [
    'another image under a machine keeps all data: accounts, games, keys, certificates, and who is signed in',
    async (pair) => {
      if (!pair.swap) return 'these machines are not made from images'
      const keys = 'cat /var/lib/sandlot-keys/* /var/lib/sandlot-caddy/caddy/pki/authorities/local/* | sha256sum'
      const before = [await pair.website.ok(keys), await pair.sandbox.ok(keys)]
      for (const name of ['website', 'sandbox'] as const) {
        await pair[name].ok('touch /etc/of-the-old-system')
        if (name === 'website') room.before = await roomOf(pair.website)
        await pair[name].powerOff()
        if (name === 'website' && pair.grow) room.disk = await pair.grow(name) // for the next rule: a boot takes long
        await pair.swap(name, 'kept')
        expect((await pair[name].run('test -e /etc/of-the-old-system')).code !== 0, 'it is the old system')
      }
      await pair.website.active('sandlot-website', 'sandlot-bridge', 'sandlot-caddy')
      await pair.sandbox.active('sandlot-supervisor', 'sandlot-caddy', 'sshd-sftp')
      const after = [await pair.website.ok(keys), await pair.sandbox.ok(keys)]
      expect(before.join() === after.join(), 'it has other keys')
      await playable(pair)
      const { games } = await api(pair.site).games.mine.query()
      expect(
        games.some(({ id }) => id === made.game),
        JSON.stringify(games),
      )
      const { socket, player } = await enter(pair)
      expect(JSON.stringify(player.state).includes('score'), `not the edited game: ${JSON.stringify(player.state)}`)
      socket.terminate()
    },
  ],
  [
    '/var has all of a disk that was made larger while the machine was off',
    async ({ website, grow }) => {
      if (!grow) return 'these machines have no disks'
      const now = await roomOf(website)
      expect(room.before > 0 && room.before < room.disk * 0.8, `it had ${room.before} of ${room.disk} bytes before`)
      expect(now > room.disk * 0.9, `it has ${now} of ${room.disk} bytes`)
    },
  ],
]
