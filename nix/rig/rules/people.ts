// What an operator does with people, each with one command on the website's machine.
import { CONTACT } from '../settings.ts'
import { fetchFrom, type Place } from '../visit.ts'
import { api, as, denied, enter, eventually, expect, made, playable, type Rule, SITE, signUp } from './pair.ts'

const EMAIL = 'mo@example.com'
const OLD = 'correct horse battery' // what signUp gives

/** What the site says to somebody who signs in as Mo. */
async function signIn(site: Place, password: string): Promise<{ status: number; message: string }> {
  const answer = await fetchFrom(site)(`${SITE}/api/auth/sign-in/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: SITE },
    body: JSON.stringify({ email: EMAIL, password }),
  })
  return { status: answer.status, message: ((await answer.json()) as { message?: string }).message ?? '' }
}

export const PEOPLE: Rule[] = [
  [
    'an operator gives somebody a new password, shuts them out and in again, and removes a game; nobody but root can',
    async (pair) => {
      const { website, sandbox, site } = pair
      const mo = await signUp(site, 'Mo')
      const { game } = await api(site, mo).games.create.mutate({ title: 'Loud', template: 'hello' })
      await playable(pair, game)
      expect((await website.ok(`sandlot-people find ${game}`)).includes(EMAIL), 'the owner is not found')
      for (const user of ['sandlot-website', 'sandlot-bridge'])
        await denied(website, `cd / && ${as(user)} sandlot-people find ${game}`)

      const password = (await website.ok(`sandlot-people password ${EMAIL} 2>/dev/null`)).trim()
      expect((await api(site, mo).session.me.query()) === null, 'the old session lives')
      expect((await signIn(site, OLD)).status === 401, 'the old password works')
      expect((await signIn(site, password)).status === 200, 'the new password does not work')

      const { socket } = await enter(pair, made.bob, game)
      await website.ok(`sandlot-people ban ${EMAIL} far too loud`)
      const { status, message } = await signIn(site, password)
      expect(status === 403 && message.includes('far too loud') && message.includes(CONTACT), `${status} ${message}`)
      await eventually('the room to end', async () => socket.readyState === socket.CLOSED || 'its player is connected')
      const banned = await api(site, made.bob).rooms.quickPlay.mutate({ game })
      expect(!banned.ok && banned.reason === 'no-such-game', JSON.stringify(banned))

      await website.ok(`sandlot-people unban ${EMAIL}`)
      expect((await signIn(site, password)).status === 200, 'still banned')
      await playable(pair, game)
      await website.until(`sandlot-people remove-game ${game}`) // a machine that takes too long to answer is asked again
      await denied(sandbox, `test -e /var/lib/sandlot/games/${game}`)
      await sandbox.ok(`test -e /var/lib/sandlot/games/${made.game}`)
    },
  ],
]
