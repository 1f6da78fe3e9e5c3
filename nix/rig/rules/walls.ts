// Each promise about who may do what inside of the machines, tried as the wrong user, with its allowed twin.

import { PROBE_MEMORY_MIB } from '../settings.ts'
import { as, denied, enter, expect, made, type Pair, playable, type Rule } from './pair.ts'
import { all, BUILD, controls, probe } from './probe.ts'

const CALLS = {
  // x86-64
  ptrace: 101,
  mount: 165,
  'unshare user': 272,
  keyctl: 250,
  perf_event_open: 298,
  process_vm_readv: 310,
  bpf: 321,
  userfaultfd: 323,
  io_uring_setup: 425,
  pidfd_getfd: 438,
  init_module: 175,
  reboot: 169,
}
const CLONE_NEWUSER = 0x10000000

/** Who reaches the database, as what, and what that role may there. */
export async function rolesHold({ website, programs }: Pair): Promise<void> {
  const query = (user: string, role: string, text: string) =>
    `${as(user)} ${programs.psql} -h /run/postgresql -U ${role} sandlot -c '${text}'`
  await website.ok(query('sandlot-bridge', 'sandlot_bridge', 'select id from games'))
  await denied(website, query('sandlot-bridge', 'sandlot_bridge', 'select * from session'))
  await denied(website, query('sandlot-bridge', 'sandlot_website', 'select id from games'))
  await website.ok(query('sandlot-backup', 'sandlot_backup', 'select * from session'))
  await denied(website, query('sandlot-backup', 'sandlot_backup', 'delete from session'))
  await denied(website, query('sandlot-caddy', 'postgres', 'select 1'))
}

export const WALLS: Rule[] = [
  [
    'native code in the place of a game host opens no socket to anything but its own',
    async (pair) => {
      const said = await probe(
        pair,
        `family('inet', AF_INET, SOCK_STREAM); family('inet udp', AF_INET, SOCK_DGRAM); family('inet6', AF_INET6, SOCK_STREAM);
         family('netlink', 16, SOCK_RAW); family('packet', 17, SOCK_RAW); family('vsock', 40, SOCK_STREAM); family('alg', 38, 5);
         family('unix', AF_UNIX, SOCK_STREAM);
         unix_($_) for qw(/run/dbus/system_bus_socket /run/systemd/private /run/systemd/notify /run/sandlot-front/http.sock /run/sandlot-game/${made.game}/play);
         writing('/run/sandlot-game/probe/mine');`,
      )
      all(said, false, 'inet', 'inet udp', 'inet6', 'netlink', 'packet', 'vsock', 'alg')
      const sockets = [
        '/run/dbus/system_bus_socket',
        '/run/systemd/private',
        '/run/systemd/notify',
        '/run/sandlot-front/http.sock',
      ]
      all(said, false, ...[...sockets, `/run/sandlot-game/${made.game}/play`].map((path) => `connect ${path}`))
      all(said, true, 'unix', 'write /run/sandlot-game/probe/mine')
      for (const path of [...sockets, `/run/sandlot-game/${made.game}/play`]) await pair.sandbox.ok(`test -S ${path}`) // they are there, for others
    },
  ],
  [
    'native code in the place of a game host reads no other game, no key, nothing of other processes, and not the front door',
    async (pair) => {
      const { sandbox } = pair
      const pid = async (unit: string) => (await sandbox.ok(`systemctl show --value -p MainPID ${unit}`)).trim()
      const others = [
        await pid('sandlot-caddy'),
        await pid('sandlot-supervisor'),
        await pid(`sandlot-game@${made.game}`),
        '1',
      ]
      const folders = [
        '/var/lib/sandlot-keys',
        '/var/lib/sandlot-caddy',
        '/var/lib/sandlot/games',
        `/var/lib/sandlot/builds/${made.game}`,
        '/run/sandlot-creators',
        '/var/log',
        '/root',
        '/run/sandlot',
        `/run/sandlot-game/${made.game}`,
      ]
      const files = [
        '/etc/shadow',
        '/etc/sandlot/Caddyfile',
        '/dev/kmsg',
        '/dev/vda',
        '/dev/nvme0n1',
        '/dev/nvme0n2',
        '/proc/kcore',
        '/proc/net/tcp',
      ]
      const ofOthers = others.flatMap((one) =>
        ['mem', 'environ', 'maps', 'status'].map((file) => `/proc/${one}/${file}`),
      )
      const said = await probe(
        pair,
        `listing($_) for qw(${[...folders, '/var/lib/sandlot/builds/probe', '/usr/lib', '/'].join(' ')});
         reading($_) for qw(${[...files, ...ofOthers, '/proc/self/status'].join(' ')});
         ${others.map((one) => `say_('signal ${one}', kill(0, ${one}));`).join(' ')}
         opendir(my $p, '/proc'); my @seen = grep { /^\\d+$/ && $_ != $$ } readdir $p; print 'processes=', scalar(@seen), "\\n";
         opendir(my $c, '/run/credentials'); print 'credentials=', join(',', grep { !/^[.]/ } readdir $c), "\\n";
         print "user=$<\\n";`,
      )
      all(said, false, ...folders.map((path) => `list ${path}`), ...others.map((one) => `signal ${one}`))
      all(said, false, ...[...files, ...ofOthers].map((path) => `read ${path}`))
      all(said, true, 'list /var/lib/sandlot/builds/probe', 'list /usr/lib', 'list /', 'read /proc/self/status')
      expect(said.get('processes') === '0', `it sees ${said.get('processes')} processes of others`)
      expect(said.get('credentials') === 'sandlot-game@probe.service', `credentials: ${said.get('credentials')}`)
      const uid = Number(said.get('user'))
      const real = await sandbox.ok(`awk '/^Uid:/{print $2}' /proc/${others[2]}/status`)
      for (const one of [uid, Number(real)])
        expect(one >= 61184 && one <= 65519, `a user that is not of its own: ${one}`)
      expect(uid !== Number(real), 'two games have one user')
      await sandbox.ok(`ls ${folders.join(' ')} > /dev/null`)
    },
  ],
  [
    'native code in the place of a game host changes nothing: no file, no mode, no user, no call of the kernel that is not for programs like it',
    async (pair) => {
      const said = await probe(
        pair,
        `writing($_) for qw(/x /usr/x /opt/sandlot/x /var/lib/sandlot/builds/probe/x /tmp/x /run/x /dev/shm/x /run/sandlot-game/x /run/sandlot-game/probe/x);
         ${Object.entries(CALLS)
           .map(
             ([name, number]) =>
               `call('${name}', ${number}, ${name.startsWith('unshare') ? CLONE_NEWUSER : 0}, 0, 0, 0, 0);`,
           )
           .join('\n')}
         call('getpid', 39); call('setuid', 105, 0);
         open(my $m, '<', '/proc/self/mountinfo'); while (<$m>) { print "disk of $1=$2\\n" if m{ (/tmp|/var/tmp) .* - (\\S+) } }
         say_('set-user-id', chmod(04755, '/run/sandlot-game/probe/x')); say_('mode', chmod(0600, '/run/sandlot-game/probe/x'));
         open(my $s, '<', '/proc/self/status'); while (<$s>) { print "$1=$2\\n" if /^(Cap\\w+|NoNewPrivs|Seccomp):\\s*(\\S+)/ }`,
      )
      const written = [
        '/x',
        '/usr/x',
        '/opt/sandlot/x',
        '/var/lib/sandlot/builds/probe/x',
        '/run/x',
        '/dev/shm/x',
        '/run/sandlot-game/x',
      ]
      all(said, false, ...written.map((path) => `write ${path}`))
      all(said, false, ...Object.keys(CALLS).map((name) => `call ${name}`), 'call setuid', 'set-user-id')
      all(said, true, 'write /run/sandlot-game/probe/x', 'write /tmp/x', 'call getpid', 'mode')
      for (const place of ['/tmp', '/var/tmp'])
        expect(said.get(`disk of ${place}`) === 'tmpfs', `${place} is of ${said.get(`disk of ${place}`)}`)
      for (const name of ['CapEff', 'CapPrm', 'CapBnd', 'CapAmb', 'CapInh'])
        expect(/^0+$/.test(said.get(name) ?? ''), `${name}: ${said.get(name)}`)
      expect(said.get('NoNewPrivs') === '1' && said.get('Seccomp') === '2', 'NoNewPrivs, Seccomp')
    },
  ],
  [
    'native code in the place of a build opens no socket to anything, reads no game, no build, no key and nothing of others, and writes to its own memory alone',
    async (pair) => {
      const { sandbox } = pair
      const sockets = [
        '/run/dbus/system_bus_socket',
        '/run/systemd/private',
        '/run/systemd/notify',
        '/run/sandlot-front/http.sock',
        `/run/sandlot-game/${made.game}/play`,
      ]
      const pid = async (unit: string) => (await sandbox.ok(`systemctl show --value -p MainPID ${unit}`)).trim()
      const others = ['1', await pid('sandlot-supervisor'), await pid(`sandlot-game@${made.game}`)]
      const folders = [
        '/var/lib/sandlot-keys',
        '/var/lib/sandlot-caddy',
        '/var/lib/sandlot/games',
        '/var/lib/sandlot/builds',
        `/var/lib/sandlot/builds/${made.game}`,
        '/run/sandlot-creators',
        '/run/sandlot',
        '/run/sandlot-game',
        '/run/credentials',
        '/var/log',
        '/root',
      ]
      const files = [
        '/var/lib/sandlot/accounts.json',
        '/etc/shadow',
        '/etc/sandlot/budgets.json',
        '/dev/kmsg',
        '/proc/kcore',
        '/proc/net/tcp',
        ...others.flatMap((one) => ['mem', 'environ', 'maps', 'status'].map((file) => `/proc/${one}/${file}`)),
      ]
      const said = await probe(
        pair,
        `family('inet', AF_INET, SOCK_STREAM); family('inet udp', AF_INET, SOCK_DGRAM); family('inet6', AF_INET6, SOCK_STREAM);
         family('netlink', 16, SOCK_RAW); family('packet', 17, SOCK_RAW); family('vsock', 40, SOCK_STREAM); family('unix', AF_UNIX, SOCK_STREAM);
         unix_($_) for qw(${sockets.join(' ')});
         listing($_) for qw(${[...folders, '/usr/lib', '/'].join(' ')});
         reading($_) for qw(${[...files, '/proc/self/status'].join(' ')});
         writing($_) for qw(/x /usr/x /opt/sandlot/x /var/x /run/x /run/link.sock /dev/shm/x /tmp/x /var/tmp/x);
         ${others.map((one) => `say_('signal ${one}', kill(0, ${one}));`).join(' ')}
         ${Object.entries(CALLS)
           .map(
             ([name, number]) =>
               `call('${name}', ${number}, ${name.startsWith('unshare') ? CLONE_NEWUSER : 0}, 0, 0, 0, 0);`,
           )
           .join('\n')}
         call('getpid', 39); call('setuid', 105, 0);
         opendir(my $p, '/proc'); my @seen = grep { /^\\d+$/ && $_ != $$ } readdir $p; print 'processes=', scalar(@seen), "\\n";
         open(my $m, '<', '/proc/self/mountinfo'); while (<$m>) { print "disk of $1=$2\\n" if m{ (/tmp|/var/tmp) .* - (\\S+) } }
         open(my $s, '<', '/proc/self/status'); while (<$s>) { print "$1=$2\\n" if /^(Cap\\w+|NoNewPrivs|Seccomp):\\s*(\\S+)/ }
         print "user=$<\\n";`,
        BUILD,
      )
      all(
        said,
        false,
        'inet',
        'inet udp',
        'inet6',
        'netlink',
        'packet',
        'vsock',
        ...sockets.map((one) => `connect ${one}`),
      )
      all(said, false, ...folders.map((path) => `list ${path}`), ...files.map((path) => `read ${path}`))
      all(
        said,
        false,
        ...['/x', '/usr/x', '/opt/sandlot/x', '/var/x', '/run/x', '/run/link.sock', '/dev/shm/x'].map(
          (path) => `write ${path}`,
        ),
      )
      all(said, false, ...others.map((one) => `signal ${one}`), ...Object.keys(CALLS).map((name) => `call ${name}`))
      all(said, false, 'call setuid')
      all(said, true, 'unix', 'list /usr/lib', 'list /', 'read /proc/self/status', 'write /tmp/x', 'call getpid')
      for (const place of ['/tmp', '/var/tmp'])
        expect(said.get(`disk of ${place}`) === 'tmpfs', `${place} is of ${said.get(`disk of ${place}`)}`)
      for (const name of ['CapEff', 'CapPrm', 'CapBnd', 'CapAmb', 'CapInh'])
        expect(/^0+$/.test(said.get(name) ?? ''), `${name}: ${said.get(name)}`)
      expect(said.get('NoNewPrivs') === '1' && said.get('Seccomp') === '2', 'NoNewPrivs, Seccomp')
      expect(said.get('processes') === '0', `it sees ${said.get('processes')} processes of others`)
      const [uid, game] = [said.get('user'), await sandbox.ok(`awk '/^Uid:/{print $2}' /proc/${others[2]}/status`)]
      for (const one of [Number(uid), Number(game)])
        expect(one >= 61184 && one <= 65519, `a user that is not of its own: ${one}`)
      expect(Number(uid) !== Number(game), 'a build has the user of a game')
      for (const path of sockets) await sandbox.ok(`test -S ${path}`) // they are there, for others
      await sandbox.ok(`ls ${folders.join(' ')} > /dev/null`)
    },
  ],
  [
    'a build that eats memory is killed at its own limit, while the supervisor and the rooms of all games go on',
    async (pair) => {
      const { sandbox } = pair
      if (!(await controls(sandbox, 'memory'))) return 'the kernel keeps the control of memory to itself here'
      const supervisor = () => sandbox.ok('systemctl show --value -p MainPID sandlot-supervisor')
      const before = await supervisor()
      const { socket, player } = await enter(pair)
      const small = await probe(pair, `my $x = 'x' x (64 << 20); print 'had=', length($x), "\\n";`, BUILD)
      expect(small.get('had') === String(64 << 20) && small.get('ended') === 'success', JSON.stringify([...small]))
      const large = await probe(
        pair,
        `print "began=yes\\n"; my @x; push @x, 'x' x (16 << 20) for 1 .. 80; print "had=all\\n";`,
        BUILD,
      )
      expect(large.get('ended') === 'oom-kill' && !large.has('had'), JSON.stringify([...large]))
      player.act('hit')
      expect(player.closed === undefined && socket.readyState === socket.OPEN, 'a player was dropped')
      expect((await supervisor()) === before, 'the supervisor was killed with it')
      socket.terminate()
    },
  ],
  [
    "a game host has the kernel's limit of its own game's budget, and a supervisor that is taken over cannot raise it",
    async ({ sandbox }) => {
      const limitOf = async (game: string) =>
        Number(await sandbox.ok(`systemctl show --value -p MemoryMax sandlot-game@${game}.service`)) / 2 ** 20
      const [own, other] = [await limitOf('probe'), await limitOf(made.game)]
      expect(own === PROBE_MEMORY_MIB + 128 && other === 1024 + 128, `MiB: ${own}, of another game: ${other}`)
      const ask = (verb: string) => `${as('sandlot-supervisor')} systemctl --no-ask-password ${verb}`
      const unit = `sandlot-game@${made.game}.service`
      await sandbox.ok(ask(`start ${unit}`))
      await denied(sandbox, ask(`set-property --runtime ${unit} MemoryMax=infinity`))
      await denied(sandbox, ask(`daemon-reload`))
      await denied(sandbox, `${as('sandlot-supervisor')} mkdir /run/systemd/system/${unit}.d`)
      expect((await limitOf(made.game)) === other, 'it was raised')
    },
  ],
  [
    'a game host that eats memory is killed at its limit, and only its own game is gone',
    async (pair) => {
      if (!(await controls(pair.sandbox, 'memory'))) return 'the kernel keeps the control of memory to itself here'
      const { socket, player } = await enter(pair)
      const small = await probe(pair, `my $x = 'x' x (64 << 20); print 'had=', length($x), "\\n";`)
      expect(small.get('had') === String(64 << 20) && small.get('ended') === 'success', JSON.stringify([...small]))
      const large = await probe(
        pair,
        `print "began=yes\\n"; my @x; push @x, 'x' x (16 << 20) for 1 .. 40; print "had=all\\n";`,
      )
      expect(large.get('ended') === 'oom-kill' && !large.has('had'), JSON.stringify([...large]))
      player.act('hit')
      expect(player.closed === undefined && socket.readyState === socket.OPEN, 'the player of another game was dropped')
      socket.terminate()
    },
  ],
  [
    'a game host starts no more processes than its limit',
    async (pair) => {
      if (!(await controls(pair.sandbox, 'pids'))) return 'the kernel keeps the control of processes to itself here'
      const said = await probe(
        pair,
        `my ($n, $pid) = (0); while ($n < 500 && defined($pid = fork)) { if (!$pid) { sleep 600; exit } $n++ } print "children=$n\\n";`,
      )
      const children = Number(said.get('children'))
      expect(children > 8 && children < 64, `children: ${children}`)
    },
  ],
  [
    'the supervisor starts games and builds, and nothing else; the front door starts nothing',
    async ({ sandbox }) => {
      const start = (user: string, verb: string) => `${as(user)} systemctl --no-ask-password ${verb}`
      await sandbox.ok(start('sandlot-supervisor', `start sandlot-game@${made.game}.service`))
      await denied(sandbox, start('sandlot-supervisor', 'restart sandlot-caddy.service'))
      await sandbox.ok(start('sandlot-supervisor', 'stop sandlot-build@00000000face.service'))
      await denied(sandbox, start('sandlot-supervisor', 'start sandlot-build@mine.service'))
      await denied(sandbox, start('sandlot-supervisor', 'start sandlot-game.slice'))
      await denied(sandbox, start('sandlot-caddy', `start sandlot-game@${made.game}.service`))
    },
  ],
  [
    'keys are read by nobody but root',
    async ({ website, sandbox }) => {
      for (const [guest, user] of [
        [website, 'sandlot-website'],
        [sandbox, 'sandlot-supervisor'],
      ] as const) {
        await guest.ok('cat /var/lib/sandlot-keys/* > /dev/null')
        await denied(guest, `${as(user)} ls /var/lib/sandlot-keys`)
        await denied(guest, `${as(user)} ls /var/lib/sandlot-caddy`)
      }
    },
  ],
  ['each role of the database is reached by its user alone, and a backup reads all and writes nothing', rolesHold],
  [
    'every service that is killed comes back, and the game can be played again',
    async (pair) => {
      const { website, sandbox } = pair
      const kill = async (guest: typeof website, unit: string) => {
        const pid = `systemctl show --value -p MainPID ${unit}`
        const before = (await guest.ok(pid)).trim()
        await guest.ok(`kill -9 ${before}`)
        await guest.until(`test "$(${pid})" != ${before} && test "$(${pid})" != 0 && systemctl is-active ${unit}`)
      }
      for (const unit of ['sandlot-website', 'sandlot-bridge', 'sandlot-caddy']) await kill(website, unit)
      for (const unit of ['sandlot-supervisor', 'sandlot-caddy', 'sshd-sftp']) await kill(sandbox, unit)
      await playable(pair)
    },
  ],
]
