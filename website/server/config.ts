// What the environment says, read once at start. A bad value is reported by its name, never by its content.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { nodeId } from '@sandlot/shared/ids.ts'
import { type Address, address } from '@sandlot/shared/listen.ts'
import { z } from 'zod'
import { type IceServer, iceServers } from './rooms/shapes.ts'

export interface NodeConfig {
  id: string
  controlUrl: string
  token: string
  /** The origin that browsers load games from. */
  playOrigin: string
}

export interface Config {
  listen: Address
  databaseUrl: string
  /** Where browsers find this site, such as https://site.example. */
  siteOrigin: string
  /** The private key (PEM) that signs players' tickets. */
  ticketKey: string
  nodes: readonly NodeConfig[]
  /** STUN and TURN servers for games whose players connect directly. */
  iceServers: readonly IceServer[]
  /** How to reach the operator, in words for people who cannot sign in; null when they do not say. */
  contact: string | null
  authSecret: string
  /** The folder of the built pages. */
  webRoot: string
}

const origin = z.url({ protocol: /^https?$/ }).refine((text) => URL.canParse(text) && new URL(text).origin === text)
const content = z
  .string()
  .min(1)
  .transform((path, context) => {
    try {
      return readFileSync(path, 'utf8').trim()
    } catch {
      context.addIssue('is not a readable file')
      return z.NEVER
    }
  })
const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    context.addIssue('is not JSON')
    return z.NEVER
  }
})
const node = z.strictObject({
  id: nodeId,
  controlUrl: z.url({ protocol: /^https?$/ }),
  token: z.string().min(16).max(512),
  playOrigin: origin,
})
/** The text of the file that CONTROL_NODES names. */
export const nodeConfigs = json.pipe(z.array(node).min(1))
export const databaseUrl = z.url({ protocol: /^postgres(ql)?$/ })

const environment = z.object({
  WEBSITE_LISTEN: address,
  DATABASE_URL: databaseUrl,
  SITE_ORIGIN: origin,
  TICKET_KEY: content.pipe(z.string().startsWith('-----BEGIN PRIVATE KEY-----')),
  CONTROL_NODES: content.pipe(nodeConfigs),
  CONTACT: z.string().trim().min(1).max(200).optional(),
  ICE_SERVERS: json.pipe(iceServers).default([]),
  AUTH_SECRET: content.pipe(z.string().min(32)),
  WEB_ROOT: z.string().min(1),
})

/** Throws an Error whose message is for the operator. */
export function readConfig(env: NodeJS.ProcessEnv): Readonly<Config> {
  const parsed = environment.safeParse(env)
  if (!parsed.success) {
    const names = [...new Set(parsed.error.issues.map((issue) => String(issue.path[0])))]
    throw new Error(`Config: ${names.join(', ')} missing or malformed`)
  }
  const values = parsed.data
  return Object.freeze({
    listen: values.WEBSITE_LISTEN,
    databaseUrl: values.DATABASE_URL,
    siteOrigin: values.SITE_ORIGIN,
    ticketKey: values.TICKET_KEY,
    nodes: values.CONTROL_NODES,
    iceServers: values.ICE_SERVERS,
    contact: values.CONTACT ?? null,
    authSecret: values.AUTH_SECRET,
    webRoot: resolve(values.WEB_ROOT),
  })
}
