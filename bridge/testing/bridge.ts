// A bridge process with two nodes for a test, a client for each, and a database with something placed on the first of them.
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newPlayerId, newReportKey, newRoomId } from '@sandlot/shared/random-ids.ts'
import type { Database } from '@sandlot/website/db/database.ts'
import { type Running, run } from '@sandlot/website/testing/site.ts'
import { createTRPCClient, httpLink } from '@trpc/client'
import type { BridgeRouter } from '../router.ts'

export const TOKENS = { n1: 'token-of-the-first-node', n2: 'token-of-the-second-node' }
export const digest = (token: string): string => createHash('sha256').update(token).digest('hex')

export interface TestBridge extends Running {
  url: string
  /** The file BRIDGE_NODES. */
  nodesFile: string
}

/** `nodes`: what the file BRIDGE_NODES says; `env`: further settings; `ready`: what the bridge prints when it is as ready as needed. */
export async function testBridge(
  databaseUrl: string,
  {
    nodes = Object.fromEntries(Object.entries(TOKENS).map(([id, token]) => [digest(token), id])) as object,
    env = {},
    ready = /bridge listening on (\S+)/,
  } = {},
): Promise<TestBridge> {
  const folder = await mkdtemp(join(tmpdir(), 'sandlot-bridge-'))
  const nodesFile = join(folder, 'nodes.json')
  await writeFile(nodesFile, JSON.stringify(nodes))
  const all = { BRIDGE_LISTEN: '127.0.0.1:0', BRIDGE_DATABASE_URL: databaseUrl, BRIDGE_NODES: nodesFile, ...env }
  const running = await run('bridge/main.ts', all, ready)
  return {
    ...running,
    url: running.match[1]!,
    nodesFile,
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export type Client = ReturnType<typeof client>
export const client = (url: string, token?: string) =>
  createTRPCClient<BridgeRouter>({
    links: [httpLink({ url, headers: token ? { authorization: `Bearer ${token}` } : {} })],
  })

/** A user, both nodes, and the game `pong` with one room and one reserved seat, all on `node`. */
export async function seed(db: Database, node: 'n1' | 'n2' = 'n1'): Promise<{ room: string; player: string }> {
  const now = new Date()
  const user = {
    id: 'u1',
    name: 'Ada',
    email: 'ada@example.test',
    emailVerified: false,
    createdAt: now,
    updatedAt: now,
  }
  await db
    .insertInto('user')
    .values(user)
    .onConflict((c) => c.doNothing())
    .execute()
  for (const id of ['n1', 'n2'])
    await db
      .insertInto('nodes')
      .values({ id, control_url: 'http://c', play_url: 'http://p' })
      .onConflict((c) => c.doNothing())
      .execute()
  await db.deleteFrom('games').execute()
  await db
    .insertInto('games')
    .values({ id: 'pong', owner_id: 'u1', node_id: node, title: 'Pong', build: null })
    .execute()
  const room = newRoomId()
  const player = newPlayerId()
  await db
    .insertInto('rooms')
    .values({ id: room, game_id: 'pong', node_id: node, state: 'starting', max_players: 2 })
    .execute()
  const seat = { player_id: player, room_id: room, user_id: 'u1', name: 'Ada', state: 'reserved' } as const
  await db
    .insertInto('seats')
    .values({ ...seat, expires_at: now })
    .execute()
  return { room, player }
}

export type Stamp = { key: string; seq: number }
let lastSeq = Date.now()
/** Of a report that was never sent before. */
export const stamp = (): Stamp => ({ key: newReportKey(), seq: ++lastSeq })
