// Keys and tokens of a development machine: made at the first start, kept in the data folder, readable by nobody else.
import { createHash, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newTicketKeys } from '@sandlot/shared/ticket.ts'

export const NODE = 'dev' // the one sandbox node of a development machine

export interface Secrets {
  /** Paths of files. */
  ticketPrivate: string
  ticketPublic: string
  authSecret: string
  controlToken: string
  bridgeToken: string
  bridgeNodes: string
  controlNodes: string
  /** Password of the account that owns the example games. */
  housePassword: string
}

/** Makes what is missing. */
export async function openSecrets(data: string): Promise<Secrets> {
  const folder = join(data, 'secrets')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const keep = (name: string, make: () => string): string => {
    const path = join(folder, name)
    if (!existsSync(path)) writeFileSync(path, make(), { mode: 0o600 })
    return path
  }
  const random = () => randomBytes(32).toString('base64url')
  const pair = await newTicketKeys()
  const ticketPrivate = keep('ticket-private.pem', () => pair.privatePem)
  const made = readFileSync(ticketPrivate, 'utf8') === pair.privatePem
  const ticketPublic = join(folder, 'ticket-public.pem')
  if (made) writeFileSync(ticketPublic, pair.publicPem)
  const bridgeToken = keep('bridge-token', random)
  const digest = createHash('sha256').update(readFileSync(bridgeToken, 'utf8')).digest('hex')
  return {
    ticketPrivate,
    ticketPublic,
    authSecret: keep('auth-secret', random),
    controlToken: keep('control-token', random),
    bridgeToken,
    bridgeNodes: keep('bridge-nodes.json', () => JSON.stringify({ [digest]: NODE })),
    controlNodes: join(folder, 'control-nodes.json'),
    housePassword: readFileSync(keep('house-password', random), 'utf8'),
  }
}

/** Tells the website where the sandbox is this time. */
export function writeControlNodes(secrets: Secrets, controlUrl: string, playOrigin: string): void {
  const token = readFileSync(secrets.controlToken, 'utf8')
  writeFileSync(secrets.controlNodes, JSON.stringify([{ id: NODE, controlUrl, token, playOrigin }]), { mode: 0o600 })
}
