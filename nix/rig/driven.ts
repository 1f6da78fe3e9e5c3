// The acceptance suite beside a driver that owns the machines, such as that of NixOS: what is asked of them goes to the standard output
// as lines of JSON, and the answers come on the standard input. nix/checks/pair.nix starts it.
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { RULE_SETS, tryAll } from './acceptance.ts'
import { Guest } from './guest.ts'
import { authorityOf, type Pair } from './rules/pair.ts'

const given = z
  .strictObject({
    rules: z.enum(['pair', 'attack']),
    ports: z.strictObject({ site: z.int(), play: z.int(), sftp: z.int() }),
    site: z.string(),
    play: z.string(),
    programs: z.strictObject({ node: z.string(), perl: z.string(), psql: z.string(), postgres: z.string() }),
  })
  .parse(JSON.parse(process.argv[2]!))
const answer = z.object({ id: z.int(), code: z.int(), output: z.string() })

const send = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`)
const waiting = new Map<number, (said: z.infer<typeof answer>) => void>()
let next = 0
const ask = (verb: 'run' | 'on' | 'off', machine: string, more: object = {}): Promise<z.infer<typeof answer>> =>
  new Promise((resolve) => {
    const id = next++
    waiting.set(id, resolve)
    send({ id, verb, machine, ...more })
  })

class Driven extends Guest {
  run(script: string, limitMs = 120_000): Promise<{ code: number; output: string }> {
    return ask('run', this.name, { script: `{ ${script}\n} 2>&1`, seconds: limitMs / 1000 })
  }

  async powerOff(): Promise<void> {
    await ask('off', this.name)
  }
}

const lines = createInterface({ input: process.stdin })
lines.on('line', (line) => {
  const said = answer.parse(JSON.parse(line))
  waiting.get(said.id)?.(said)
  waiting.delete(said.id)
})

const [website, sandbox] = [new Driven('website'), new Driven('sandbox')]
const { ports, programs } = given
const pair: Pair = {
  website,
  sandbox,
  programs,
  sftp: ports.sftp,
  site: { port: ports.site, host: given.site, ca: await authorityOf(website) },
  play: { port: ports.play, host: given.play, ca: await authorityOf(sandbox) },
  on: async (name) => {
    await ask('on', name)
  },
}
const { passed, failed, skipped } = await tryAll(pair, (text) => send({ verb: 'say', text }), RULE_SETS[given.rules])
send({ verb: 'say', text: `${passed} passed, ${failed} failed, ${skipped} cannot be shown here` })
lines.close()
process.exitCode = failed > 0 ? 1 : 0
