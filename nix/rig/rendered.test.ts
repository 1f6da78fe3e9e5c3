// What is rendered from nix/appliance, judged by the programs that read it, in the versions of NixOS 26.05.
import { FIRST_UID, LAST_UID } from '@sandlot/sandbox/accounts/records.ts'
import { BUILD_FLAGS } from '@sandlot/sandbox/build/process.ts'
import { NODE_FLAGS } from '@sandlot/sandbox/host/flags.ts'
import { readBudgets } from '@sandlot/shared/budget-file.ts'
import { DEFAULT_BUDGETS } from '@sandlot/shared/budgets.ts'
import { BUILD_MEMORY_MIB, MAX_FILE_BYTES } from '@sandlot/shared/limits.ts'
import { GAME_ID, MAX_GAME_ID_CHARS } from '@sandlot/shared/random-ids.ts'
import { securityHeaders } from '@sandlot/website/server/headers.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Appliance, evaluate, type Machine, whyNoNix } from './appliance.ts'
import { exposures } from './exposure.ts'
import { render } from './render.ts'
import { Overlay, whyNoTools } from './root.ts'

const noNix = whyNoNix()
const noTools = noNix ?? whyNoTools()
const NAMES = ['website', 'sandbox'] as const

describe.skipIf(noNix !== null)(`the data${noNix ? ` (skipped: ${noNix})` : ''}`, () => {
  let appliance: Appliance
  beforeAll(async () => {
    appliance = await evaluate()
  })

  it('a setting with a name that does not exist is refused, and the names that do are said', async () => {
    await expect(evaluate('{ link.brdgePort = 1; }')).rejects.toThrow(/no link.brdgePort.*bridgePort/)
    const { settings } = await evaluate('{ link.bridgePort = 1; }')
    expect(settings.link).toMatchObject({ bridgePort: 1, controlPort: 4200 })
  })

  it('budgets of the settings are those that the supervisor reads, and the kernel gives a game host the memory of its own budget', async () => {
    const budgetsOf = ({ sandbox }: Appliance) => readBudgets(sandbox.files['/etc/sandlot/budgets.json']!)
    const memoryOf = ({ sandbox }: Appliance, unit: string) =>
      render(sandbox)
        .get(`/etc/systemd/system/${unit}`)
        ?.match(/^MemoryMax=(.*)$/m)?.[1]
    expect(budgetsOf(appliance)('pong')).toEqual(DEFAULT_BUDGETS)
    expect(memoryOf(appliance, 'sandlot-game@.service')).toBe(`${DEFAULT_BUDGETS.memoryMiB + 128}M`)

    const all = Object.keys(DEFAULT_BUDGETS).map((name) => `${name} = 8;`)
    const changed = await evaluate(
      `{ budgets.default = { ${all.join(' ')} memoryMiB = 512; }; budgets.games = { pong.memoryMiB = 2048; chess.rooms = 2; }; }`.replace(
        'memoryMiB = 8; ',
        '',
      ),
    )
    expect(budgetsOf(changed)('pong')).toMatchObject({ memoryMiB: 2048, rooms: 8 })
    expect(budgetsOf(changed)('chess')).toMatchObject({ memoryMiB: 512, rooms: 2 })
    expect(memoryOf(changed, 'sandlot-game@.service')).toBe('640M')
    expect(memoryOf(changed, 'sandlot-game@pong.service.d/sandlot.conf')).toBe('2176M')
    expect(memoryOf(changed, 'sandlot-game@chess.service.d/sandlot.conf')).toBeUndefined()
    expect(JSON.stringify(changed.sandbox.units['sandlot-supervisor.service'])).toContain(
      '"BUDGETS=/etc/sandlot/budgets.json"',
    )
  })

  it.each([
    ['{ budgets.default.memory = 1; }', /no budgets.default.memory. The names are: .*memoryMiB/],
    ['{ budgets.games.pong.romms = 1; }', /no budgets.games.pong.romms/],
    ['{ budgets.games.pong.rooms = "2"; }', /budgets.games.pong.rooms is not a whole number/],
    ['{ budgets.games."../x".memoryMiB = 1; }', /"\.\.\/x" is not the id of a game/],
  ])('budgets that are none are refused by name: %s', async (settings, why) => {
    await expect(evaluate(settings)).rejects.toThrow(why)
  })

  it('an operator says how to be reached, and the website is told letter by letter; unsaid it is told nothing', async () => {
    const environment = ({ website }: Appliance) =>
      render(website)
        .get('/etc/systemd/system/sandlot-website.service')!
        .match(/^Environment=.*CONTACT.*$/gm)
    expect(environment(appliance)).toBe(null)
    expect(environment(await evaluate('{ contact = "ask \\"Ops\\", 100% read"; }'))).toEqual([
      'Environment="CONTACT=ask \\"Ops\\", 100%% read"',
    ])
  })

  it('the command for people runs as the website and by its role; only root can open the nodes that it is given', () => {
    const script = appliance.website.commands['sandlot-people']!
    const { User, Environment } = appliance.website.units['sandlot-website.service']!.Service as Record<string, unknown>
    expect(script).toContain(` --reuid=${User} --regid=${User} --clear-groups --no-new-privs `)
    expect(Environment).toContain(/^export (DATABASE_URL)='(.*)'$/m.exec(script)?.slice(1).join('='))
    expect(script).toMatch(/^exec <\/var\/lib\/sandlot-keys\/control-nodes$/m)
    expect(appliance.website.tmpfiles).toContain('d /var/lib/sandlot-keys 0700 root root -')
  })

  it('every user and group has a number of its own', () => {
    for (const { users, groups } of NAMES.map((name) => appliance[name])) {
      const ids = [...Object.values(users).map(({ uid }) => uid), ...Object.values(groups)]
      expect(new Set(ids).size).toBe(ids.length)
      for (const id of ids) expect(id).toBeLessThan(1000)
    }
  })

  it('every service has a limit of memory, no swap, no core dumps, and calls that are refused with EPERM', () => {
    for (const [name, unit] of NAMES.flatMap((machine) => Object.entries(appliance[machine].units))) {
      if (!name.endsWith('.service')) continue
      expect(unit.Service, name).toMatchObject({
        MemoryMax: expect.stringMatching(/^\d+M$/),
        MemorySwapMax: 0,
        LimitCORE: 0,
        OOMPolicy: 'kill',
        SystemCallErrorNumber: 'EPERM',
        NoNewPrivileges: true,
      })
    }
  })

  it('a unit that runs as the user of Postgres takes no shared memory of that user away when it ends', () => {
    const ipc = new Map<string, unknown>()
    for (const [name, { Service }] of Object.entries(appliance.website.units)) {
      const { User, RemoveIPC } = { ...(Service as Record<string, unknown>) }
      if (RemoveIPC !== undefined) ipc.set(name, RemoveIPC === (User !== 'postgres'))
    }
    expect([...ipc.keys()]).toContain('sandlot-base.service')
    expect([...ipc].filter(([, isRight]) => !isRight)).toEqual([])
  })

  it('only what runs V8 may write code that it executes', () => {
    for (const [name, unit] of NAMES.flatMap((machine) => Object.entries(appliance[machine].units))) {
      const { ExecStart, MemoryDenyWriteExecute } = { ...(unit.Service as Record<string, unknown>) }
      if (ExecStart !== undefined) expect(MemoryDenyWriteExecute, name).toBe(!String(ExecStart).includes('/node '))
    }
  })

  it('a game host runs with the flags and the language that it has everywhere', () => {
    const { ExecStart, Environment } = appliance.sandbox.units['sandlot-game@.service']!.Service as Record<
      string,
      unknown
    >
    expect(ExecStart).toContain(` ${NODE_FLAGS.join(' ')} `)
    expect(String(Environment)).toContain('LC_ALL=C')
  })

  it('a build has the limits of the child that it is elsewhere: its flags, its memory with the largest room that any game may have, and no more rights than a game', async () => {
    const build = ({ sandbox }: Appliance) =>
      sandbox.units['sandlot-build@.service']!.Service as Record<string, unknown>
    const { ExecStart, MemoryMax, User, Slice, BindReadOnlyPaths } = build(appliance)
    expect(ExecStart).toContain(` ${BUILD_FLAGS.join(' ')} `)
    const beside = 128
    expect(MemoryMax).toBe(`${BUILD_MEMORY_MIB + DEFAULT_BUDGETS.roomMemoryMiB + beside}M`)
    const wide = await evaluate('{ budgets.default.roomMemoryMiB = 100; budgets.games.pong.roomMemoryMiB = 512; }')
    expect(build(wide)).toMatchObject({ MemoryMax: `${BUILD_MEMORY_MIB + 512 + beside}M` })
    expect(User).toBe('b-%i')
    expect(Slice).toBe('sandlot-build.slice')
    expect(BindReadOnlyPaths).toEqual([
      ...((appliance.settings.programs as { view: string[] }).view ?? []),
      '/run/sandlot/%i.build:/run/link.sock',
    ])
    const rule = appliance.sandbox.files['/etc/polkit-1/rules.d/10-sandlot.rules']!
    const unit = new RegExp(/var unit = \/(.*)\/;/.exec(rule)![1]!)
    for (const name of ['sandlot-build@0123456789ab.service', 'sandlot-game@pong.service']) expect(name).toMatch(unit)
    for (const name of [
      'sandlot-build@.service',
      'sandlot-build@../x.service',
      'sandlot-build.slice',
      'sandlot-build@0123456789ab.socket',
    ])
      expect(name).not.toMatch(unit)
  })

  it('SFTP takes files as large as the editor does, and creators have the same numbers for who makes records and who ends sessions', () => {
    const { LimitFSIZE } = appliance.sandbox.units['sshd-sftp.service']!.Service as Record<string, unknown>
    expect(LimitFSIZE).toBe(`${MAX_FILE_BYTES / 2 ** 20}M`)
    const folders = appliance.sandbox.files['/etc/sandlot/folders']!
    expect(folders).toContain(`-ge ${FIRST_UID} ]`)
    expect(folders).toContain(`-le ${LAST_UID} ]`)
  })

  it('a game host has a user of its own, not of its template, with a name that Linux takes for the longest id', () => {
    const { User, DynamicUser } = appliance.sandbox.units['sandlot-game@.service']!.Service as Record<string, unknown>
    expect(DynamicUser).toBe(true)
    expect(User).toMatch(/%i/)
    expect(String(User).replace('%i', 'x'.repeat(MAX_GAME_ID_CHARS)).length).toBeLessThanOrEqual(31)
    for (const path of ['/etc/polkit-1/rules.d/10-sandlot.rules', '/etc/sandlot/folders', '/etc/sandlot/Caddyfile'])
      expect([path, appliance.sandbox.files[path]?.match(/(?<=\[a-z0-9-\])\{[\d,]+\}/g)]).toEqual([
        path,
        expect.arrayContaining([`{0,${MAX_GAME_ID_CHARS - 2}}`]),
      ])
    expect(GAME_ID.test('x'.repeat(MAX_GAME_ID_CHARS))).toBe(true)
    expect(GAME_ID.test('x'.repeat(MAX_GAME_ID_CHARS + 1))).toBe(false)
  })

  it('the pages that the front door sends have the headers of those that the website sends', () => {
    const headers: Record<string, string> = {}
    const response = { set: (values: Record<string, string>) => Object.assign(headers, values) }
    securityHeaders('https://site.example', ['https://play.example'])({} as never, response as never, () => {})
    const file = appliance.website.files['/etc/sandlot/Caddyfile']!
    for (const [name, text] of Object.entries(headers))
      expect(file).toMatch(new RegExp(`^\t\t${name} "?${RegExp.escape(text)}"?$`, 'm'))
    expect(Object.keys(headers)).toContain('content-security-policy')
  })
})

describe.skipIf(noTools !== null).each(NAMES)(`the files of %s${noTools ? ` (skipped: ${noTools})` : ''}`, (name) => {
  let machine: Machine
  let overlay: Overlay
  beforeAll(async () => {
    machine = (await evaluate('{ operators.keys = [ "ssh-ed25519 AAAA" ]; }'))[name]
    overlay = await Overlay.open(render(machine))
    await overlay.write('/opt/sandlot/node_modules/.bin/node', '', 0o755)
  })
  afterAll(() => overlay[Symbol.asyncDispose]())

  it('systemd takes every unit without a word', async () => {
    const paths = Object.keys(machine.units).map((unit) => `/etc/systemd/system/${unit}`)
    const { code, output } = await overlay.run('systemd-analyze', 'verify', '--man=no', ...paths)
    expect(ours(output, machine)).toBe('')
    expect(code).toBe(0)
    await overlay.write('/etc/systemd/system/wrong.service', '[Service]\nExecStart=/bin/true\nProtectSystm=yes\n')
    expect((await overlay.run('systemd-analyze', 'verify', '--man=no', 'wrong.service')).output).toContain(
      'ProtectSystm',
    )
  })

  it('no service is more exposed than its limit', async () => {
    const all = await exposures(machine, overlay)
    expect(all.length).toBeGreaterThan(3)
    expect(all.filter(({ exposure, limit }) => exposure > limit)).toEqual([])
  })

  it('nftables takes the rules, twice over, and refuses what is not one', async () => {
    const check = (text: string) =>
      overlay.write('/tmp/rules', text).then(() => overlay.run('nft', '-c', '-f', '/tmp/rules'))
    expect(await check(machine.nftables + machine.nftables)).toEqual({ code: 0, output: '' })
    expect(await check(machine.nftables.replace('policy drop', 'policy dorp'))).toMatchObject({ code: 1 })
  })

  it('Caddy takes its file', async () => {
    const { code, output } = await overlay.run(
      'caddy',
      'validate',
      '--adapter',
      'caddyfile',
      '--config',
      '/etc/sandlot/Caddyfile',
    )
    expect(output).toContain('Valid configuration')
    expect(code).toBe(0)
  })

  it('users and folders can be made as listed', async () => {
    expect(await overlay.run('systemd-sysusers', '--dry-run')).toMatchObject({ code: 0 })
    expect(await overlay.run('sh', '-c', 'systemd-sysusers && systemd-tmpfiles --create sandlot.conf')).toMatchObject({
      code: 0,
    })
    const { output } = await overlay.run('sh', '-c', 'id -u sandlot-caddy')
    expect(output.trim()).toBe('810')
  })
})

describe.skipIf(noTools !== null)(`SFTP${noTools ? ` (skipped: ${noTools})` : ''}`, () => {
  it('its server takes the configuration, and what it understood is keys, files and nothing else', async () => {
    const { sandbox } = await evaluate()
    await using overlay = await Overlay.open(render(sandbox))
    const script = `systemd-sysusers && mkdir -p /run/sshd /var/lib/sandlot-keys && ssh-keygen -q -t ed25519 -N '' -f /var/lib/sandlot-keys/sftp-host-key && sshd -t -f /etc/sandlot/sshd_config && sshd -G -f /etc/sandlot/sshd_config`
    const { code, output } = await overlay.run('sh', '-c', script)
    expect({ code, output }).toMatchObject({ code: 0 })
    const settings = new Map(
      output.split('\n').map((line) => [line.split(' ', 1)[0]!, line.slice(line.indexOf(' ') + 1)]),
    )
    expect(Object.fromEntries(settings)).toMatchObject({
      port: '2022',
      passwordauthentication: 'no',
      kbdinteractiveauthentication: 'no',
      permitrootlogin: 'no',
      disableforwarding: 'yes',
      permittty: 'no',
      allowgroups: 'sandlot-creators',
      chrootdirectory: '/run/sandlot-creators/%u',
      forcecommand: expect.stringContaining('internal-sftp -u 0077 -P symlink,hardlink,copy-data,setstat'),
    })
  })
})

/** What the verifier says of units of ours; Debian's own have faults too. */
const ours = (output: string, machine: Machine): string =>
  output
    .split('\n')
    .filter((line) => Object.keys(machine.units).some((unit) => line.includes(unit.replace('@.', '@'))))
    .join('\n')
