// Turns the data of one machine into the files that Linux reads: what NixOS does with its modules, for any other system.
import type { Machine, Section, Unit, Value } from './appliance.ts'

/** Path below the machine's root -> content. */
export type Files = Map<string, string>

const UNITS = '/etc/systemd/system'

/** Every file of the machine but those of Postgres, whose place is each distribution's own. */
export function render(machine: Machine): Files {
  const files: Files = new Map(Object.entries(machine.files))
  for (const [name, unit] of Object.entries(machine.units)) files.set(`${UNITS}/${name}`, unitText(unit))
  for (const [name, sections] of Object.entries(machine.dropins))
    files.set(`${UNITS}/${name}.d/sandlot.conf`, unitText({ reasons: [], ...sections }))
  files.set('/etc/nftables.conf', `#!/usr/sbin/nft -f\n${machine.nftables}`)
  files.set('/etc/tmpfiles.d/sandlot.conf', lines(machine.tmpfiles))
  files.set('/etc/sysusers.d/sandlot.conf', sysusers(machine))
  files.set('/etc/sysctl.d/60-sandlot.conf', lines(pairs(machine.sysctl)))
  files.set('/etc/systemd/journald.conf.d/sandlot.conf', lines(['[Journal]', ...pairs(machine.journald)]))
  files.set('/etc/systemd/coredump.conf.d/sandlot.conf', lines(['[Coredump]', ...pairs(machine.coredump)]))
  return files
}

/** What `systemctl enable` would link: the target that wants a unit -> the units. */
export function wanted(machine: Machine): Map<string, string[]> {
  const by = new Map<string, string[]>()
  for (const [name, { Install }] of Object.entries(machine.units)) {
    const target = (Install as Section | undefined)?.WantedBy
    if (typeof target === 'string') by.set(target, [...(by.get(target) ?? []), name])
  }
  return by
}

export function unitText({ reasons, ...sections }: Unit): string {
  const why = reasons.map((reason) => `# Relaxed, because it ${reason}.`)
  const parts = Object.entries(sections)
    .filter(([, section]) => Object.keys(section).length > 0)
    .map(([name, section]) => [`[${name}]`, ...entries(section as Section)].join('\n'))
  return lines([...why, ...(why.length > 0 ? [''] : []), parts.join('\n\n')])
}

const entries = (section: Section): string[] =>
  Object.entries(section).flatMap(([name, value]) => [value].flat().map((one) => `${name}=${word(one)}`))

const pairs = (record: Record<string, Value>): string[] =>
  Object.entries(record).map(([name, value]) => `${name}=${word(value)}`)

const word = (value: Value): string => (typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value))

const lines = (list: string[]): string => `${list.join('\n')}\n`

/** Users and groups of systemd-sysusers; a user's own group has its name and number. */
function sysusers({ users, groups }: Machine): string {
  const made = Object.entries(groups).map(([name, gid]) => `g ${name} ${gid}`)
  for (const [name, { uid, home }] of Object.entries(users))
    made.push(`g ${name} ${uid}`, `u ${name} ${uid}:${uid} - ${home}`)
  const members = Object.entries(users).flatMap(([name, user]) => user.groups.map((group) => `m ${name} ${group}`))
  return lines([...made, ...members])
}
