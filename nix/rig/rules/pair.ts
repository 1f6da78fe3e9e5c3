// What every rule has: the two machines, the ways in from outside, and what earlier rules made there.
import { Player } from '@sandlot/sandbox/supervisor/testing/player.ts'
import type { AppRouter } from '@sandlot/website/server/router.ts'
import { createTRPCClient, httpLink } from '@trpc/client'
import type { WebSocket } from 'ws'
import type { Guest } from '../guest.ts'
import { patient } from '../patience.ts'
import { fetchFrom, type Place, socketFrom } from '../visit.ts'

export interface Pair {
  website: Guest
  sandbox: Guest
  site: Place
  play: Place
  /** Of the loopback, forwarded to the sandbox's SFTP. */
  sftp: number
  /** Where programs lie on these machines: nix/appliance/settings.nix. `perl` is for native code, as an attacker would bring it. */
  programs: Record<'node' | 'perl' | 'psql' | 'postgres', string>
  /** Powers one of them on again: after `powerOff`. */
  on(name: 'website' | 'sandbox'): Promise<void>
  /** After `powerOff`: another system in the place of the one before, and with it another /var, or the same; then powers it on. */
  swap?: (name: 'website' | 'sandbox', data: 'kept' | 'new') => Promise<void>
  /** After `powerOff`: makes the disk of /var larger; resolves with its bytes. */
  grow?: (name: 'website' | 'sandbox') => Promise<number>
}

/** Words that a rule ends with say why it cannot be shown on these machines; without them it holds. */
export type Rule = [title: string, holds: (pair: Pair) => Promise<unknown>]

export const SITE = 'https://site.example'
export const PLAY = 'https://play.example'
const AUTHORITY = '/var/lib/sandlot-caddy/caddy/pki/authorities/local/root.crt'
const WAIT_MS = 60_000
const JOIN_MS = 30_000
const POLL_MS = 100

export const as = (user: string) => `setpriv --clear-groups --reuid=${user} --regid=${user}`

/** What the first rules make: the cookies of two people, and Ada's game. */
export const made = { ada: '', bob: '', game: '' }

/** The API of the site as a page calls it. */
export const api = (site: Place, cookie = made.ada) =>
  createTRPCClient<AppRouter>({
    links: [httpLink({ url: `${SITE}/api/trpc`, headers: { origin: SITE, cookie }, fetch: fetchFrom(site) as never })],
  })

/** Resolves with the cookies of somebody new. */
export async function signUp(site: Place, name: string): Promise<string> {
  const answer = await fetchFrom(site)(`${SITE}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: SITE },
    body: JSON.stringify({ name, email: `${name.toLowerCase()}@example.com`, password: 'correct horse battery' }),
  })
  expect(answer.ok, await answer.clone().text())
  return cookiesOf(answer)
}

const cookiesOf = (answer: Response): string =>
  answer.headers
    .getSetCookie()
    .map((text) => text.split(';', 1)[0])
    .join('; ')

/** Resolves with the cookies of somebody whom `signUp` made, or null when the site knows nobody like that. */
export async function signIn(site: Place, name: string): Promise<string | null> {
  const answer = await fetchFrom(site)(`${SITE}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: SITE },
    body: JSON.stringify({ email: `${name.toLowerCase()}@example.com`, password: 'correct horse battery' }),
  })
  expect(answer.ok || answer.status === 401, `${answer.status}: ${await answer.clone().text()}`)
  return answer.ok ? cookiesOf(answer) : null
}

/** A seat in a room of the game, as soon as its host has started. */
export async function seat(site: Place, cookie = made.ada, game = made.game) {
  const ask = () => api(site, cookie).rooms.quickPlay.mutate({ game })
  for (const endMs = Date.now() + patient(WAIT_MS); ; ) {
    const answer = await ask()
    if (answer.ok) return answer
    const isStarting = answer.reason === 'unavailable' || answer.reason === 'not-now'
    if (!isStarting || Date.now() > endMs) throw new Error(JSON.stringify(answer))
    await new Promise((resolve) => setTimeout(resolve, patient(POLL_MS)))
  }
}

/** A player whose socket this is; resolves with the first state. */
export const join = (socket: WebSocket, ticket: string): Promise<Player> =>
  Player.join(socket, ticket, patient(JOIN_MS))

/** Somebody in a room of the game, as soon as there is one. */
export async function enter({ site, play }: Pair, cookie = made.ada, game = made.game) {
  const { room, ticket, url } = await seat(site, cookie, game)
  const socket = socketFrom(play, `/${game}/ws`)
  return { room, url, socket, player: await join(socket, ticket) }
}

/** Waits until a seat can be had and the page of the game loads. */
export async function playable({ site, play }: Pair, game = made.game): Promise<void> {
  await eventually('a seat and the page of the game', async () => {
    const { url } = await seat(site, made.ada, game)
    const { status } = await fetchFrom(play)(url)
    return status === 200 || `the page: ${status}`
  })
}

/** Fails with the sentence unless it is true. */
export function expect(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new Error(sentence)
}

/** Waits until `look` says true; rejects with what it said or threw last. */
export async function eventually(what: string, look: () => Promise<true | string>, waitMs = WAIT_MS): Promise<void> {
  let last = ''
  const limitMs = patient(waitMs)
  for (const endMs = Date.now() + limitMs; Date.now() < endMs; ) {
    const said = await look().catch((error: Error) => error.message)
    if (said === true) return
    last = said
    await new Promise((resolve) => setTimeout(resolve, patient(POLL_MS)))
  }
  throw new Error(`waited ${limitMs / 1000} s for ${what}; last: ${last}`)
}

/** Passes when the script fails in the machine. */
export async function denied(guest: Guest, script: string): Promise<void> {
  const { code, output } = await guest.run(script)
  expect(code !== 0, `${guest.name}: this worked: ${script}\n${output.slice(-500)}`)
}

/** What the database answers, as the system's own user of it. */
export const query = ({ website, programs }: Pair, text: string): Promise<string> =>
  website.ok(`cd / && ${as('postgres')} ${programs.psql} -h /run/postgresql -AtX sandlot -c "${text}"`)

/** The certificate of the authority that the machine's front door made for itself. */
export const authorityOf = (guest: Guest): Promise<string> => guest.until(`cat ${AUTHORITY}`)

/** The one command of enrolment, as an operator gives it. `verb` is `offer` or `rotate`. */
export async function enrol({ website, sandbox }: Pair, verb: 'offer' | 'rotate'): Promise<void> {
  const offer = await sandbox.ok(`sandlot-enrol ${verb} 2>/dev/null`)
  const welcome = await website.ok(`printf %s '${offer.trim()}' | sandlot-enrol accept`)
  await sandbox.ok(`printf %s '${welcome.trim()}' | sandlot-enrol accept`)
}
