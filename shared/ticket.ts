// The signed right to one seat in one room. The website signs; a game host only ever holds the public key.
import {
  exportPKCS8,
  exportSPKI,
  generateKeyPair,
  importPKCS8,
  importSPKI,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from 'jose'
import { MAX_NAME_CHARS, TICKET_TTL_S } from './limits.ts'
import { GAME_ID, newReportKey, PLAYER_ID, ROOM_ID } from './random-ids.ts'

const ALGORITHM = 'EdDSA' // Ed25519: small keys, and no parameter an attacker can choose
const ISSUER = 'sandlot'

/** `exp` is in seconds since 1970. `jti` makes the ticket single-use: the host remembers it until `exp`. */
export interface Ticket {
  game: string
  room: string
  player: string
  name: string
  jti: string
  exp: number
}
export type Seat = Pick<Ticket, 'game' | 'room' | 'player' | 'name'>

export type TicketKey = Awaited<ReturnType<typeof importSPKI>>

/** A fresh key pair as PEM text: PKCS#8 for the website, SPKI for the sandbox. */
export async function newTicketKeys(): Promise<{ privatePem: string; publicPem: string }> {
  const pair = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true })
  return { privatePem: await exportPKCS8(pair.privateKey), publicPem: await exportSPKI(pair.publicKey) }
}

export const readSigningKey = (pem: string): Promise<TicketKey> => importPKCS8(pem, ALGORITHM)
/** Throws when the text is not an Ed25519 public key in PEM. */
export const readVerifyKey = (pem: string): Promise<TicketKey> => importSPKI(pem, ALGORITHM)

/** Signs a ticket that is good for TICKET_TTL_S seconds from `nowMs`. */
export function signTicket(key: TicketKey, seat: Seat, nowMs: number = Date.now()): Promise<string> {
  const now = Math.floor(nowMs / 1000)
  return new SignJWT({ ...seat })
    .setProtectedHeader({ alg: ALGORITHM })
    .setIssuer(ISSUER)
    .setJti(newReportKey())
    .setIssuedAt(now)
    .setExpirationTime(now + TICKET_TTL_S)
    .sign(key)
}

const isText = (value: unknown, shape: RegExp): value is string => typeof value === 'string' && shape.test(value)
const NAME = new RegExp(`^.{1,${MAX_NAME_CHARS}}$`, 'su')
const JTI = /^\w{16,64}$/

const isTicket = ({ game, room, player, name, jti, exp }: JWTPayload): boolean =>
  isText(game, GAME_ID) &&
  isText(room, ROOM_ID) &&
  isText(player, PLAYER_ID) &&
  isText(name, NAME) &&
  isText(jti, JTI) &&
  Number.isInteger(exp)

/** The ticket, or undefined when it is forged, expired, for another game or malformed: a player learns no more than "refused". */
export async function verifyTicket(
  key: TicketKey,
  token: string,
  game: string,
  nowMs: number = Date.now(),
): Promise<Ticket | undefined> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      currentDate: new Date(nowMs),
    })
    return isTicket(payload) && payload.game === game ? (payload as unknown as Ticket) : undefined
  } catch {
    return undefined // jose throws for every kind of bad token; which kind is of no use to an honest player
  }
}

/** Remembers used tickets until they expire, so that of many who show the same ticket exactly one wins. */
export class UsedTickets {
  #expiry = new Map<string, number>()

  /** True the first time `jti` is seen. Synchronous: two sockets racing with one ticket cannot both win. */
  use(ticket: Pick<Ticket, 'jti' | 'exp'>, nowMs: number = Date.now()): boolean {
    const now = nowMs / 1000
    for (const [jti, exp] of this.#expiry) {
      if (exp >= now) break // a Map keeps insertion order and all tickets live equally long
      this.#expiry.delete(jti)
    }
    if (this.#expiry.has(ticket.jti)) return false
    this.#expiry.set(ticket.jti, ticket.exp)
    return true
  }
}
