// What a machine keeps: copies that can be restored, to a night and to a moment, and all data through another image.
import type { Guest } from '../guest.ts'
import { socketFrom } from '../visit.ts'
import { api, as, expect, join, made, playable, query, type Rule, seat, signUp } from './pair.ts'

const PLACE = '/var/lib/postgresql/restored'

/** Bytes of /var of the website's machine, before its disk was made larger, and of the disk since then. */
const room = { before: 0, disk: 0 }
const roomOf = async (guest: Guest): Promise<number> => Number(await guest.ok('findmnt -nbo SIZE --target /var'))

export const DATA: Rule[] = [
  [
    'a night makes a copy of the database that can be restored',
    async ({ website, programs }) => {
      await website.ok('systemctl start sandlot-backup.service')
      const postgres = `cd / && ${as('postgres')}`
      await website.ok('install -m 644 /var/lib/sandlot-backup/*.dump /tmp/copy.dump')
      await website.ok(`${postgres} ${programs.postgres}/createdb restored`)
      await website.ok(
        `${postgres} ${programs.postgres}/pg_restore --exit-on-error --no-owner --no-privileges --dbname=restored /tmp/copy.dump`,
      )
      const names = await website.ok(`${postgres} ${programs.psql} -At restored -c 'select name from "user"'`)
      expect(names.includes('Ada'), `restored: ${names}`)
      await website.ok(`${postgres} ${programs.postgres}/dropdb restored; rm /tmp/copy.dump`)
    },
  ],
  [
    'the database can be restored to any moment since the last full copy, and the log before that is thrown away',
    async (pair) => {
      const { website, site, programs } = pair
      await website.ok('systemctl start sandlot-base.service')
      await signUp(site, 'Eve')
      const moment = (await query(pair, 'select now()')).trim()
      await query(pair, `delete from \\"user\\" where name = 'Eve'`)
      await signUp(site, 'Mallory')
      const last = (await query(pair, 'select pg_walfile_name(pg_switch_wal())')).trim()
      await website.until(`test -f /var/lib/sandlot-wal/${last}`)
      // As nix/README.md says it.
      await website.ok(
        [
          `${as('postgres')} mkdir -m 700 ${PLACE}`,
          `${as('postgres')} tar -xzf "$(ls -1d /var/lib/sandlot-wal/base/* | tail -n 1)/base.tar.gz" -C ${PLACE}`,
          `rm -f ${PLACE}/postgresql.conf ${PLACE}/postgresql.auto.conf`,
          `printf "%s\\n" "restore_command = 'cp /var/lib/sandlot-wal/%f %p'" "recovery_target_time = '${moment}'" "recovery_target_action = promote" "listen_addresses = ''" "unix_socket_directories = '${PLACE}'" > ${PLACE}/postgresql.conf`,
          `echo 'local all postgres peer' > ${PLACE}/pg_hba.conf; : > ${PLACE}/pg_ident.conf`,
          `${as('postgres')} touch ${PLACE}/recovery.signal`,
          `chown postgres: ${PLACE}/*.conf`,
          `cd / && ${as('postgres')} ${programs.postgres}/pg_ctl --wait --timeout=100 --silent --log=${PLACE}/log -D ${PLACE} start || { cat ${PLACE}/log; false; }`,
        ].join(' && '),
      )
      const restored = `cd / && ${as('postgres')} ${programs.psql} -h ${PLACE} -AtX sandlot -c`
      await website.until(`test "$(${restored} 'select pg_is_in_recovery()')" = f`)
      const names = await website.ok(`${restored} 'select name from "user"'`)
      await website.ok(
        `cd / && ${as('postgres')} ${programs.postgres}/pg_ctl --mode=immediate --silent -D ${PLACE} stop; rm -r ${PLACE}`,
      )
      expect(names.includes('Ada') && names.includes('Eve'), `restored: ${names}`)
      expect(!names.includes('Mallory'), 'it has what came later')

      // Two more copies, of which the rig keeps two: nothing older stays.
      const oldest = 'ls -1 /var/lib/sandlot-wal | grep -E "^[0-9A-F]{24}$" | head -n 1'
      const before = await website.ok(oldest)
      await website.ok('systemctl start sandlot-base.service && systemctl start sandlot-base.service')
      const after = await website.ok(oldest)
      expect(before.trim() < after.trim(), `the log still begins at ${after}`)
      const copies = (await website.ok('ls -1 /var/lib/sandlot-wal/base')).trim().split('\n')
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
      const socket = socketFrom(pair.play, `/${made.game}/ws`)
      const player = await join(socket, (await seat(pair.site)).ticket)
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
