// The tables as Kysely sees them. schema.txt says what Postgres makes of them, and a test holds it to the migrations.
import type { EndReason } from '@sandlot/shared/reasons.ts'
import type { ColumnType, Generated } from 'kysely'

/** A JSON document kept as text, so that key order and numbers come back as they were written. Insert it stringified. */
type JsonText = ColumnType<unknown, string, string>

// Accounts: the tables and column names are better-auth's
interface UserTable {
  id: string
  name: string
  email: string
  emailVerified: boolean
  image: string | null
  isAnonymous: boolean | null
  createdAt: Date
  updatedAt: Date
}
interface SessionTable {
  id: string
  userId: string
  token: string
  expiresAt: Date
  ipAddress: string | null
  userAgent: string | null
  createdAt: Date
  updatedAt: Date
}
interface AccountTable {
  id: string
  userId: string
  accountId: string
  providerId: string
  accessToken: string | null
  refreshToken: string | null
  idToken: string | null
  accessTokenExpiresAt: Date | null
  refreshTokenExpiresAt: Date | null
  scope: string | null
  password: string | null
  createdAt: Date
  updatedAt: Date
}
interface VerificationTable {
  id: string
  identifier: string
  value: string
  expiresAt: Date
  createdAt: Date
  updatedAt: Date
}
interface RateLimitTable {
  id: string
  key: string
  count: number
  lastRequest: number
}

/** Somebody whom the operator has shut out, and why, in words for that person (may be empty). */
interface BanTable {
  user_id: string
  why: string
  created_at: Generated<Date>
}

/** One sandbox VM. */
interface NodeTable {
  id: string
  control_url: string
  /** The origin that browsers load games from. */
  play_url: string
}

interface GameTable {
  id: string
  owner_id: string
  node_id: string
  title: string
  description: Generated<string>
  min_players: Generated<number>
  max_players: Generated<number>
  tick_rate: Generated<number>
  /** Null until the first good build. */
  build: string | null
  created_at: Generated<Date>
  updated_at: Generated<Date>
}

interface RoomTable {
  id: string
  game_id: string
  node_id: string
  /** `starting` until the node has said that it runs. */
  state: 'starting' | 'open' | 'ended'
  max_players: number
  /** The first room of those who are here by invitation, which is this one or one that has ended; null: anybody may be given a seat. */
  party: string | null
  created_at: Generated<Date>
  ended_at: Date | null
  end_reason: EndReason | null
  result: JsonText | null
}

interface SeatTable {
  player_id: string
  room_id: string
  user_id: string
  name: string
  /** `reserved` counts until `expires_at`, `taken` until the node reports `left`. */
  state: 'reserved' | 'taken' | 'left'
  expires_at: Date
  created_at: Generated<Date>
}

/** Keys of each node's last reports that have had their effect, so that a report sent twice has it once, and in which order they came. */
interface ReportTable {
  key: string
  node_id: string
  seq: number
  received_at: Generated<Date>
}

/** What games keep through room.store. */
interface StoreTable {
  game_id: string
  name: string
  value: JsonText
  bytes: number
}

interface LogTable {
  id: Generated<number>
  game_id: string
  room_id: string | null
  text: string
  at: Date
}

/** Whether a node has heard the newest of a creator's keys and games; `version` grows with each change. */
interface NodeKeysTable {
  user_id: string
  node_id: string
  version: number
  told: Generated<boolean>
  try_at: Generated<Date>
}

interface SshKeyTable {
  user_id: string
  line: string
  created_at: Generated<Date>
}

export interface Tables {
  user: UserTable
  session: SessionTable
  account: AccountTable
  verification: VerificationTable
  rateLimit: RateLimitTable
  bans: BanTable
  nodes: NodeTable
  games: GameTable
  rooms: RoomTable
  seats: SeatTable
  reports: ReportTable
  store: StoreTable
  logs: LogTable
  ssh_keys: SshKeyTable
  node_keys: NodeKeysTable
}
