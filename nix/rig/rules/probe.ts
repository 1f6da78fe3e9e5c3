// Native code where a game host or a build is: the very unit of it with another program in it, as if an attacker had left the isolate and V8 behind.
import type { Guest } from '../guest.ts'
import { expect, type Pair } from './pair.ts'

/** Whose place the script takes: a unit, and what has to be there for it to start and to read the script. */
interface Place {
  unit: string
  /** Of the script, as the unit sees it. */
  script: string
  /** Made before and removed afterwards. */
  socket: string
  folder: string
  lines: string
}

const GAME: Place = {
  unit: 'sandlot-game@probe.service',
  script: '/var/lib/sandlot/builds/probe/probe.pl',
  socket: '/run/sandlot/probe.link',
  folder: '/var/lib/sandlot/builds/probe',
  lines: '',
}
const FOLDER = '/run/sandlot-probe'
export const BUILD: Place = {
  unit: 'sandlot-build@00000000face.service',
  script: '/run/probe.pl',
  socket: '/run/sandlot/00000000face.build',
  folder: FOLDER,
  lines: `BindReadOnlyPaths=${FOLDER}/probe.pl:/run/probe.pl\\n`,
}

/** What each line of a script may call. */
const WORDS = `
use strict; use warnings; use Socket; use POSIX; $| = 1;
sub say_ { my ($what, $worked) = @_; my $why = $worked ? 'yes' : 0 + $!; print "$what=$why\\n" }
sub family { my ($what, $domain, $type) = @_; say_($what, socket(my $s, $domain, $type, 0)) }
sub unix_ { my ($path) = @_; socket(my $s, AF_UNIX, SOCK_STREAM, 0) or die; say_("connect $path", connect($s, pack_sockaddr_un($path))) }
sub listing { my ($path) = @_; say_("list $path", opendir(my $d, $path)) }
sub reading { my ($path) = @_; my ($f, $c); say_("read $path", (open($f, '<', $path) and defined sysread($f, $c, 1))) }
sub writing { my ($path) = @_; say_("write $path", open(my $f, '>', $path)) }
sub call { my ($what, @words) = @_; $! = 0; say_("call $what", syscall($words[0], @words[1 .. $#words]) != -1) }
`

/**
 * Runs a script of Perl as the user, in the view and under the limits of a game host, or of a build. Resolves with what it printed as NAME=VALUE
 * (a value is `yes` or the number of the error), and with how systemd says it ended. A socket that the unit is shown takes no connection.
 */
export async function probe({ sandbox, programs }: Pair, script: string, place = GAME): Promise<Map<string, string>> {
  const { unit, socket, folder } = place
  const dropIn = `/run/systemd/system/${unit}.d`
  const text = Buffer.from(WORDS + script).toString('base64')
  await sandbox.ok(
    `mkdir -p ${dropIn} ${folder} && chmod 755 ${folder} && touch ${socket} && echo ${text} | base64 -d > ${folder}/probe.pl && chmod 644 ${folder}/probe.pl`,
  )
  const lines = `[Unit]\\nPartOf=\\n[Service]\\nType=oneshot\\nExecStart=\\nExecStart=${programs.perl} ${place.script}\\n${place.lines}StandardOutput=truncate:/run/probe.out\\nStandardError=inherit\\n`
  await sandbox.ok(`printf '${lines}' > ${dropIn}/probe.conf && systemctl daemon-reload`)
  const { output } = await sandbox.run(
    `systemctl start ${unit}; echo ended=$(systemctl show --value -p Result ${unit})`,
  )
  const printed = await sandbox.ok('cat /run/probe.out')
  await sandbox.ok(
    `systemctl reset-failed ${unit} || true; rm -r ${dropIn} ${folder} /run/probe.out ${socket}; systemctl daemon-reload`,
  )
  const pairs = `${printed}\n${output}`.split('\n').filter((line) => /^[^=]+=\S+$/.test(line))
  expect(pairs.length > 1, `the probe said: ${printed}\n${output}`)
  return new Map(pairs.map((line) => [line.slice(0, line.lastIndexOf('=')), line.slice(line.lastIndexOf('=') + 1)]))
}

/** Fails unless each that is named worked, or each did not. */
export function all(said: Map<string, string>, worked: boolean, ...names: string[]): void {
  for (const name of names) {
    const value = said.get(name)
    expect(value !== undefined, `the probe never came to: ${name}`)
    expect((value === 'yes') === worked, `${name}: ${value}`)
  }
}

/** Whether the kernel lets this machine limit memory and processes. */
export const controls = async (guest: Guest, what: 'memory' | 'pids'): Promise<boolean> =>
  (await guest.run(`grep -qw ${what} /sys/fs/cgroup/cgroup.controllers`)).code === 0
