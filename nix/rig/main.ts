// npm run test:vm: `--root` makes the Debian 13 root that the tests of rendered files look for, `--security` prints how exposed each service is.
import { evaluate, whyNoNix } from './appliance.ts'
import { exposures } from './exposure.ts'
import { render } from './render.ts'
import { makeRoot, Overlay, rootFolder } from './root.ts'

async function security(): Promise<boolean> {
  const missing = whyNoNix()
  if (missing) throw new Error(missing)
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

const [mode] = process.argv.slice(2)
try {
  if (mode === '--root') {
    await makeRoot()
    console.log(rootFolder())
  } else if (mode === '--security') {
    process.exitCode = (await security()) ? 0 : 1
  } else {
    console.error('Usage: npm run test:vm -- --root | --security')
    process.exitCode = 2
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
