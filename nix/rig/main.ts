// npm run test:vm: boots both machines from the data of nix/appliance and tries every promise. `--root` only makes the Debian root that the
// tests of rendered files look for; `--security` prints how exposed each service is.
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { makeOutputs } from '@sandlot/website/dev/outputs.ts'
import { whyNotHere } from './able.ts'
import { type Outcome, RULES, rulesOf, tryAll } from './acceptance.ts'
import { type Appliance, evaluate, type Machine, whyNoNix } from './appliance.ts'
import { application, makeDisks } from './disk.ts'
import { makeEmulator } from './emulator.ts'
import { endOnSignals, ownFolder } from './ending.ts'
import { exposures } from './exposure.ts'
import { render } from './render.ts'
import { makeRoot, Overlay, rootFolder } from './root.ts'
import { drill } from './rules/outages.ts'
import { authorityOf, type Pair, type Rule } from './rules/pair.ts'
import { SETTINGS } from './settings.ts'
import { putAway } from './sftp.ts'
import { Space } from './space.ts'
import { Vm } from './vm.ts'
import { Wire } from './wire.ts'

const CARDS = {
  website: { public: '52:54:00:5a:00:01', link: '52:54:00:5a:01:01' },
  sandbox: { public: '52:54:00:5a:00:02', link: '52:54:00:5a:01:02' },
}

const MEMORY_MIB = { website: 1536, sandbox: 2560 } // with room for a game at its limit

async function security(): Promise<boolean> {
  await makeRoot()
  const appliance = await evaluate()
  let good = true
  for (const machine of [appliance.website, appliance.sandbox]) {
    await using overlay = await Overlay.open(render(machine))
    console.log(`\n${machine.name}`)
    for (const { unit, exposure, limit } of await exposures(machine, overlay)) {
      const within = exposure <= limit
      good &&= within
      const reasons = machine.units[unit]!.reasons.join('; ')
      console.log(`  ${unit.padEnd(28)} ${exposure.toFixed(1)} of ${limit.toFixed(1)} ${within ? ' ' : '!'} ${reasons}`)
    }
  }
  return good
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

interface Way {
  /** Two virtual machines, else namespaces. */
  virtual: boolean
  /** Both stay until a signal. */
  keep?: boolean
  rules?: readonly Rule[]
}

async function rig({ virtual, keep = false, rules = RULES }: Way): Promise<Outcome> {
  await makeRoot()
  await makeOutputs({ onlyStale: true })
  await using stack = new AsyncDisposableStack()
  endOnSignals(stack)
  const { path: folder, remove } = ownFolder('sandlot-rig')
  stack.defer(remove)
  const appliance = await evaluate(SETTINGS)
  const layer = join(folder, 'layer')
  await application(layer)
  const startMs = performance.now()
  const { ports, ...started } = virtual
    ? await virtualPair(stack, appliance, layer, folder)
    : await spacePair(stack, appliance, layer, folder)
  console.log(`Both machines are up (${((performance.now() - startMs) / 1000).toFixed(1)} s).`)
  const { site, play, programs } = appliance.settings as Record<string, string> & { programs: Record<string, string> }
  const pair: Pair = {
    ...started,
    site: { port: ports.site, host: site!, ca: await authorityOf(started.website) },
    play: { port: ports.play, host: play!, ca: await authorityOf(started.sandbox) },
    sftp: ports.sftp,
    programs: { node: programs.node!, perl: '/usr/bin/perl', psql: programs.psql!, postgres: dirname(programs.psql!) },
  }
  stack.defer(putAway)
  const outcome = await tryAll(pair, console.log, rules)
  if (drill.minutes > 0) console.log(`A sandbox was replaced in ${drill.minutes.toFixed(1)} minutes.`)
  console.log(summary(outcome))
  if (keep) {
    console.log(`site ${ports.site}, play ${ports.play}, SFTP ${ports.sftp}; files in ${folder}. Ctrl-C ends it.`)
    await new Promise(() => {}) // until a signal
  }
  return outcome
}

const summary = ({ passed, failed, skipped }: Outcome): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} cannot be shown here` : ''}`

type Started = Pick<Pair, 'website' | 'sandbox' | 'on' | 'swap' | 'grow'> & {
  ports: { site: number; play: number; sftp: number }
}

async function spacePair(
  stack: AsyncDisposableStack,
  data: Appliance,
  layer: string,
  folder: string,
): Promise<Started> {
  const link = stack.use(await Wire.open())
  const website = stack.use(new Space(data.website, layer, join(folder, 'website'), link))
  const sandbox = stack.use(new Space(data.sandbox, layer, join(folder, 'sandbox'), link))
  await Promise.all([website.start(CARDS.website), sandbox.start(CARDS.sandbox)])
  const on: Pair['on'] = (name) => (name === 'website' ? website : sandbox).start(CARDS[name])
  const swap: Pair['swap'] = async (name, kept) => {
    await (name === 'website' ? website : sandbox).reset(kept)
    await on(name)
  }
  const ports = {
    site: await website.forward(443),
    play: await sandbox.forward(443),
    sftp: await sandbox.forward(2022),
  }
  return { website, sandbox, on, swap, ports }
}

async function virtualPair(
  stack: AsyncDisposableStack,
  data: Appliance,
  layer: string,
  folder: string,
): Promise<Started> {
  const [site, play, sftp] = [await freePort(), await freePort(), await freePort()]
  await makeEmulator()
  const vm = async (name: Machine['name'], peer: Machine['name'], forwards: Record<number, number>) => {
    const disks = await makeDisks(data[name], CARDS[name], layer, folder)
    return stack.use(new Vm({ name, disks, cards: CARDS[name], forwards, peer, memoryMiB: MEMORY_MIB[name], folder }))
  }
  const [website, sandbox] = await Promise.all([
    vm('website', 'sandbox', { [site]: 443 }),
    vm('sandbox', 'website', { [play]: 443, [sftp]: 2022 }),
  ])
  const vms = { website, sandbox }
  await Promise.all([website.start(), sandbox.start()])
  const on: Pair['on'] = (name) => vms[name].start()
  const swap: Pair['swap'] = async (name, kept) => {
    await vms[name].reset(kept)
    await on(name)
  }
  const grow: Pair['grow'] = (name) => vms[name].grow()
  return { ...vms, on, swap, grow, ports: { site, play, sftp } }
}

/** With namespaces, where they can be had; `results` is a file to write the counts to. */
async function ci(results: string): Promise<boolean> {
  const why = await whyNotHere()
  const outcome = why ? { passed: 0, failed: 0, skipped: RULES.length } : await rig({ virtual: false })
  if (why) console.log(`The rig is skipped: ${why}.`)
  await writeFile(results, JSON.stringify(outcome))
  return outcome.failed === 0
}

const USAGE = 'Usage: npm run test:vm [-- --root | --security | --ci RESULTS | [--spaces] [--rules NAME,...] [--keep]]'

/** What the words of the command line ask for; whether all is well. */
async function run(): Promise<boolean> {
  const options = {
    root: { type: 'boolean', default: false },
    security: { type: 'boolean', default: false },
    ci: { type: 'string' },
    spaces: { type: 'boolean', default: false },
    rules: { type: 'string' },
    keep: { type: 'boolean', default: false },
  } as const
  const { values } = parseArgs({ options })
  const { root, spaces, keep } = values
  if (values.ci !== undefined) return ci(values.ci)
  const missing = whyNoNix()
  if (missing) throw new Error(missing)
  if (values.security) return security()
  if (root) {
    await makeRoot()
    console.log(rootFolder())
    return true
  }
  const rules = values.rules === undefined ? RULES : rulesOf(values.rules.split(','))
  return (await rig({ virtual: !spaces, keep, rules })).failed === 0
}

try {
  process.exitCode = (await run()) ? 0 : 1
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException
  console.error(code?.startsWith('ERR_PARSE_ARGS') ? `${message}\n${USAGE}` : message)
  process.exitCode = 1
}
