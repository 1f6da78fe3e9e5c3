// sandlot-enrol on the website VM: makes its own keys, and takes in a sandbox.
//   make     at first boot: what is missing
//   accept   reads what `sandlot-enrol offer` (or `rotate`) printed on a sandbox; prints what that sandbox must know.
//            Tokens that the same sandbox had before are worth nothing from here on.
import { KeyFolder, newToken, offerSchema, readTold } from '@sandlot/shared/keys.ts'
import { newTicketKeys } from '@sandlot/shared/ticket.ts'
import { z } from 'zod'

const USAGE = 'Usage: sandlot-enrol make | accept'
const keys = new KeyFolder(process.env.KEYS ?? '/var/lib/sandlot-keys')

/** Where the sandbox is, this machine's own settings say: a sandbox cannot choose what is called. */
const place = z.object({
  NODE_NAME: z.string(),
  CONTROL_URL: z.url({ protocol: /^http$/ }),
  PLAY_ORIGIN: z.url({ protocol: /^https$/ }),
  SANDBOX_ADDRESS: z.string(),
})
const bridgeNodes = z.record(z.string(), z.object({ node: z.string(), from: z.array(z.string()) }))
const controlNodes = z.array(
  z.object({ id: z.string(), controlUrl: z.string(), token: z.string(), playOrigin: z.string() }),
)

async function make(): Promise<void> {
  const { privatePem, publicPem } = await newTicketKeys()
  if (keys.keep('ticket-key', () => privatePem) === privatePem) keys.write('ticket-public', publicPem)
  keys.keep('auth-secret', newToken)
  keys.keep('bridge-nodes', () => '{}')
}

async function accept(): Promise<string> {
  const { NODE_NAME, CONTROL_URL, PLAY_ORIGIN, SANDBOX_ADDRESS } = place.parse(process.env)
  const { node, controlToken, bridgeDigest } = await readTold(offerSchema, '`sandlot-enrol offer` on a sandbox')
  if (node !== NODE_NAME)
    throw new Error(`The sandbox calls itself "${node}", and this website knows "${NODE_NAME}". Nothing was changed.`)
  const ticketPublic = keys.read('ticket-public')
  if (ticketPublic === undefined) throw new Error('There are no keys yet: run `sandlot-enrol make` first.')
  const others = Object.entries(bridgeNodes.parse(JSON.parse(keys.read('bridge-nodes') ?? '{}'))).filter(
    ([, known]) => known.node !== node,
  )
  const mine = { node, from: [SANDBOX_ADDRESS] }
  keys.write('bridge-nodes', JSON.stringify(Object.fromEntries([...others, [bridgeDigest, mine]]), null, 1))
  const nodes = controlNodes.parse(JSON.parse(keys.read('control-nodes') ?? '[]')).filter(({ id }) => id !== node)
  nodes.push({ id: node, controlUrl: CONTROL_URL, token: controlToken, playOrigin: PLAY_ORIGIN })
  keys.write('control-nodes', JSON.stringify(nodes, null, 1))
  return JSON.stringify({ ticketPublic })
}

try {
  const [verb] = process.argv.slice(2)
  if (verb === 'make') await make()
  else if (verb === 'accept') console.log(await accept())
  else throw new Error(USAGE)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
