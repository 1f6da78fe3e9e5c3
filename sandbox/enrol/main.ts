// sandlot-enrol on the sandbox VM: makes its two tokens, tells them to the website once, and takes the website's public key.
//   make     at first boot: what is missing     offer    prints what the website must know
//   rotate   new tokens, then as offer          accept   reads what the website answered
import { createHash } from 'node:crypto'
import { KeyFolder, newToken, type Offer, readTold, welcomeSchema } from '@sandlot/shared/keys.ts'

const USAGE = 'Usage: sandlot-enrol make | offer | rotate | accept'
const keys = new KeyFolder(process.env.KEYS ?? '/var/lib/sandlot-keys')
const node = process.env.NODE_NAME ?? 'one'

function make(): void {
  keys.keep('control-token', newToken)
  keys.keep('bridge-token', newToken)
}

/** The newest control token comes first; the one before it works until the website has taken the new one. */
function rotate(): void {
  const [old = ''] = (keys.read('control-token') ?? '').split('\n')
  keys.write('control-token', `${newToken()}\n${old}`.trim())
  keys.write('bridge-token', newToken())
}

function offer(): Offer {
  const [controlToken = ''] = (keys.read('control-token') ?? '').split('\n')
  const bridgeToken = keys.read('bridge-token')
  if (bridgeToken === undefined) throw new Error('There are no tokens yet: run `sandlot-enrol make` first.')
  return { node, controlToken, bridgeDigest: createHash('sha256').update(bridgeToken).digest('hex') }
}

try {
  const [verb] = process.argv.slice(2)
  switch (verb) {
    case 'make':
      make()
      break
    case 'rotate':
      rotate()
      console.log(JSON.stringify(offer()))
      break
    case 'offer':
      console.log(JSON.stringify(offer()))
      break
    case 'accept': {
      const { ticketPublic } = await readTold(welcomeSchema, '`sandlot-enrol accept` on the website')
      keys.write('ticket-public', ticketPublic)
      keys.write('control-token', offer().controlToken) // the old one is worth nothing from here on
      break
    }
    default:
      throw new Error(USAGE)
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
