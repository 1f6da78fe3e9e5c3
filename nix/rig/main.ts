// npm run test:vm: boots both machines from the data of nix/appliance and tries every promise. `--root` only makes the Debian root that the
// tests of rendered files look for; `--security` prints how exposed each service is.
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { makeOutputs } from '@sandlot/website/dev/outputs.ts'
import { whyNotHere } from './able.ts'
import { type Outcome, RULES, tryAll } from './acceptance.ts'
import { type Appliance, evaluate, type Machine, whyNoNix } from './appliance.ts'
import { application, makeDisks } from './disk.ts'
import { makeEmulator } from './emulator.ts'
import { endOnSignals, ownFolder } from './ending.ts'
import { exposures } from './exposure.ts'
import { render } from './render.ts'
import { makeRoot, Overlay, rootFolder } from './root.ts'
import { drill } from './rules/outages.ts'
import { authorityOf, type Pair } from './rules/pair.ts'
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

/** `virtual`: two virtual machines, else namespaces. `keep`: both stay until a signal. */
async function rig({ virtual, keep }: { virtual: boolean; keep: boolean }): Promise<Outcome> {
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
  const outcome = await tryAll(pair, console.log)
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
async function ci(results: string | undefined): Promise<boolean> {
  const why = await whyNotHere()
  const outcome = why ? { passed: 0, failed: 0, skipped: RULES.length } : await rig({ virtual: false, keep: false })
  if (why) console.log(`The rig is skipped: ${why}.`)
  if (results) await writeFile(results, JSON.stringify(outcome))
  return outcome.failed === 0
}

const [mode, results] = process.argv.slice(2)
try {
  const missing = mode === '--ci' ? null : whyNoNix()
  if (missing) throw new Error(missing)
  switch (mode) {
    case '--root':
      await makeRoot()
      console.log(rootFolder())
      break
    case '--security':
      process.exitCode = (await security()) ? 0 : 1
      break
    case undefined:
    case '--spaces':
      process.exitCode =
        (await rig({ virtual: mode === undefined, keep: process.argv.includes('--keep') })).failed > 0 ? 1 : 0
      break
    case '--ci':
      process.exitCode = (await ci(results)) ? 0 : 1
      break
    default:
      throw new Error('Usage: npm run test:vm [-- --root | --security | --spaces [--keep] | --ci RESULTS]')
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
