// npm run test:vm: boots both machines from the data of nix/appliance and tries every promise. `--root` only makes the Debian root that the
// tests of rendered files look for; `--security` prints how exposed each service is.
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { JOURNEY, type Pair, type Rule, WALLS } from './acceptance.ts'
import { evaluate, whyNoNix } from './appliance.ts'
import { application, makeDisk } from './disk.ts'
import { exposures } from './exposure.ts'
import { render } from './render.ts'
import { makeRoot, Overlay, rootFolder } from './root.ts'
import { Vm } from './vm.ts'

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

/** `keep`: both machines stay until Ctrl-C. */
async function rig(keep: boolean): Promise<boolean> {
  await makeRoot()
  await using stack = new AsyncDisposableStack()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => void stack.disposeAsync().then(() => process.exit(1)))
  const folder = await mkdtemp(join(tmpdir(), 'sandlot-rig-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const appliance = await evaluate('{ tls.internal = true; }')
  await application(join(folder, 'layer'))
  const [site, play, sftp, wire] = [await freePort(), await freePort(), await freePort(), await freePort()]
  const disk = (name: 'website' | 'sandbox') => makeDisk(appliance[name], CARDS[name], join(folder, 'layer'), folder)
  const website = stack.use(
    new Vm({
      name: 'website',
      disk: await disk('website'),
      cards: CARDS.website,
      forwards: { [site]: 443 },
      link: { listen: wire },
      memoryMiB: 1536,
      folder,
    }),
  )
  const sandbox = stack.use(
    new Vm({
      name: 'sandbox',
      disk: await disk('sandbox'),
      cards: CARDS.sandbox,
      forwards: { [play]: 443, [sftp]: 2022 },
      link: { connect: wire },
      memoryMiB: 1536,
      folder,
    }),
  )
  console.log('booting')
  await website.start()
  await sandbox.start()
  const authority = (vm: Vm) => vm.until(`cat ${AUTHORITY}`)
  const pair: Pair = {
    website,
    sandbox,
    site: { port: site, host: appliance.settings.site as string, ca: await authority(website) },
    play: { port: play, host: appliance.settings.play as string, ca: await authority(sandbox) },
  }
  const good = await tryAll([...JOURNEY, ...WALLS], pair)
  if (keep) {
    console.log(
      `site ${site}, play ${play}, sftp ${sftp}; shells: ${join(folder, '{website,sandbox}.sock')}. Ctrl-C ends it.`,
    )
    await new Promise(() => {}) // until a signal
  }
  return good
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
    case '--keep':
      process.exitCode = (await rig(mode === '--keep')) ? 0 : 1
      break
    default:
      throw new Error('Usage: npm run test:vm [-- --root | --security | --keep]')
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
