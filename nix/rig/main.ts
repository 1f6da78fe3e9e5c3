// npm run test:vm: boots both machines from the data of nix/appliance and tries every promise. `--root` only makes the Debian root that the
// tests of rendered files look for; `--security` prints how exposed each service is.
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { JOURNEY, OUTAGES, type Pair, type Rule, WALLS } from './acceptance.ts'
import { type Appliance, evaluate, whyNoNix } from './appliance.ts'
import { application, makeDisk } from './disk.ts'
import { exposures } from './exposure.ts'
import type { Guest } from './guest.ts'
import { render } from './render.ts'
import { makeRoot, Overlay, rootFolder } from './root.ts'
import { putAway, SFTP } from './sftp.ts'
import { Space } from './space.ts'
import { Vm, type VmOptions } from './vm.ts'

const CARDS = {
  website: { public: '52:54:00:5a:00:01', link: '52:54:00:5a:01:01' },
  sandbox: { public: '52:54:00:5a:00:02', link: '52:54:00:5a:01:02' },
}
const AUTHORITY = '/var/lib/sandlot-caddy/caddy/pki/authorities/local/root.crt'

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
async function rig({ virtual, keep }: { virtual: boolean; keep: boolean }): Promise<boolean> {
  await makeRoot()
  await using stack = new AsyncDisposableStack()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => void stack.disposeAsync().then(() => process.exit(1)))
  const folder = await mkdtemp(join(tmpdir(), 'sandlot-rig-'))
  stack.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }))
  const appliance = await evaluate('{ tls.internal = true; }')
  const layer = join(folder, 'layer')
  await application(layer)
  const { website, sandbox, ports, on } = virtual
    ? await virtualPair(stack, appliance, layer, folder)
    : await spacePair(stack, appliance, layer, folder)
  const authority = (guest: Guest) => guest.until(`cat ${AUTHORITY}`)
  const pair: Pair = {
    website,
    sandbox,
    site: { port: ports.site, host: appliance.settings.site as string, ca: await authority(website) },
    play: { port: ports.play, host: appliance.settings.play as string, ca: await authority(sandbox) },
    sftp: ports.sftp,
    on,
  }
  stack.defer(putAway)
  const good = await tryAll([...JOURNEY, ...WALLS, ...SFTP, ...OUTAGES], pair)
  if (keep) {
    console.log(`site ${ports.site}, play ${ports.play}, SFTP ${ports.sftp}; files in ${folder}. Ctrl-C ends it.`)
    await new Promise(() => {}) // until a signal
  }
  return good
}

interface Started {
  website: Guest
  sandbox: Guest
  ports: { site: number; play: number; sftp: number }
  on: Pair['on']
}

async function spacePair(
  stack: AsyncDisposableStack,
  data: Appliance,
  layer: string,
  folder: string,
): Promise<Started> {
  const website = stack.use(new Space(data.website, layer, join(folder, 'website')))
  const sandbox = stack.use(new Space(data.sandbox, layer, join(folder, 'sandbox')))
  await Promise.all([website.start(CARDS.website), sandbox.start(CARDS.sandbox)])
  await website.join(sandbox)
  const on = async (name: 'website' | 'sandbox') => {
    await (name === 'website' ? website : sandbox).start(CARDS[name])
    await website.join(sandbox)
  }
  return {
    website,
    sandbox,
    on,
    ports: { site: await website.forward(443), play: await sandbox.forward(443), sftp: await sandbox.forward(2022) },
  }
}

async function virtualPair(
  stack: AsyncDisposableStack,
  data: Appliance,
  layer: string,
  folder: string,
): Promise<Started> {
  const [site, play, sftp, wire] = [await freePort(), await freePort(), await freePort(), await freePort()]
  const vm = async (name: 'website' | 'sandbox', forwards: Record<number, number>, link: VmOptions['link']) => {
    const disk = await makeDisk(data[name], CARDS[name], layer, folder)
    return stack.use(new Vm({ name, disk, cards: CARDS[name], forwards, link, memoryMiB: 1536, folder }))
  }
  const website = await vm('website', { [site]: 443 }, { listen: wire })
  const sandbox = await vm('sandbox', { [play]: 443, [sftp]: 2022 }, { connect: wire })
  await website.start()
  await sandbox.start()
  const on = (name: 'website' | 'sandbox') => (name === 'website' ? website : sandbox).start()
  return { website, sandbox, on, ports: { site, play, sftp } }
}

async function tryAll(rules: Rule[], pair: Pair): Promise<boolean> {
  let failed = 0
  for (const [title, holds] of rules) {
    const startMs = performance.now()
    try {
      await holds(pair)
      console.log(`ok    ${title} (${((performance.now() - startMs) / 1000).toFixed(1)} s)`)
    } catch (error) {
      failed++
      console.log(`FAIL  ${title}\n      ${error instanceof Error ? error.message : error}`)
    }
  }
  console.log(`${rules.length - failed} passed, ${failed} failed`)
  return failed === 0
}

const [mode] = process.argv.slice(2)
try {
  const missing = whyNoNix()
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
      process.exitCode = (await rig({ virtual: mode === undefined, keep: process.argv.includes('--keep') })) ? 0 : 1
      break
    default:
      throw new Error('Usage: npm run test:vm [-- --root | --security | --spaces [--keep]]')
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
