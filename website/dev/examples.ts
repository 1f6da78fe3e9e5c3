// Puts the example games on a fresh site, the way any creator would: an account, and a game from each template.
import { existsSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { createTRPCClient, httpLink } from '@trpc/client'
import type { AppRouter } from '../server/router.ts'

const HOUSE = { name: 'Sandlot', email: 'house@sandlot.invalid' }
const GAMES = [
  { title: 'Arena', template: 'arena' },
  { title: 'Pong', template: 'pong' },
  { title: 'Paint', template: 'paint' },
  { title: 'Tic-tac-toe', template: 'tic-tac-toe' },
  { title: 'Ice sumo', template: 'sumo' },
  { title: 'Hello', template: 'hello' },
] as const
const BUILDS_MS = 20_000 // on a slow machine; a site with fewer examples is still a site
const POLL_MS = 50

/**
 * Resolves when the examples can be played: a site that is ready has something to show. Does nothing when `marker` exists: games that
 * somebody has removed stay away.
 */
export async function seedExamples(site: string, password: string, marker: string): Promise<void> {
  if (existsSync(marker)) return
  const headers = { origin: site, cookie: await signIn(site, password) }
  const client = createTRPCClient<AppRouter>({ links: [httpLink({ url: `${site}/api/trpc`, headers })] })
  const { games } = await client.games.mine.query()
  for (const game of GAMES) {
    if (!games.some(({ title }) => title === game.title)) await client.games.create.mutate(game)
  }
  for (const endMs = Date.now() + BUILDS_MS; Date.now() < endMs; await delay(POLL_MS)) {
    const { games } = await client.games.mine.query()
    if (games.every(({ playable }) => playable)) break
  }
  writeFileSync(marker, '')
}

/** The session cookie of the account that owns the examples, made when it is missing. */
async function signIn(site: string, password: string): Promise<string> {
  const post = (path: string, body: object) =>
    fetch(`${site}/api/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: site },
      body: JSON.stringify(body),
    })
  const made = await post('sign-up/email', { ...HOUSE, password })
  const answer = made.ok ? made : await post('sign-in/email', { email: HOUSE.email, password })
  if (!answer.ok) throw new Error(`The example games' account cannot sign in: ${await answer.text()}`)
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';', 1)[0])
    .join('; ')
}
