// A creator and two players, from outside: sign up, make a game, play, edit it while it runs, and what the database learns of it.
import { once } from 'node:events'
import { isDeepStrictEqual } from 'node:util'
import { ICE_SERVERS, PLAYERS } from '../settings.ts'
import { fetchFrom, socketFrom } from '../visit.ts'
import {
  api,
  enrol,
  enter,
  eventually,
  expect,
  join,
  made,
  PLAY,
  query,
  type Rule,
  SITE,
  seat,
  signUp,
} from './pair.ts'

/** What the game becomes by an edit while it is played. */
const EDITED = `
export const setup = () => ({ score: 0 })
export const migrate = () => ({ score: 0 })
export const actions = {
  hit(state) { state.score += 1 },
  finish(state, player, data, room) { room.end({ score: state.score, word: data }) },
}
`

export const JOURNEY: Rule[] = [
  [
    'after one command of enrolment every service runs, and no unit has failed',
    async (pair) => {
      const { website, sandbox } = pair
      await website.active('sandlot-migrate', 'sandlot-bridge', 'sandlot-caddy', 'sandlot-keys')
      await sandbox.active('sandlot-caddy', 'sandlot-keys')
      await enrol(pair, 'offer')
      await website.active('sandlot-website')
      await sandbox.active('sandlot-supervisor', 'sshd-sftp')
      for (const guest of [website, sandbox]) {
        const { output } = await guest.run('systemctl list-units --failed --plain --no-legend')
        expect(output.trim() === '', `${guest.name}: ${output}`)
      }
    },
  ],
  [
    'the site answers over TLS with its security headers, and an address that a person opens is its page',
    async ({ site }) => {
      for (const path of ['/', '/games/anything']) {
        const page = await fetchFrom(site)(`${SITE}${path}`)
        expect(page.status === 200, `${path}: ${page.status}`)
        expect(page.headers.get('content-security-policy')?.includes("default-src 'none'") === true, 'no policy')
        expect(page.headers.get('strict-transport-security') !== null, 'no HSTS')
        expect(page.headers.get('server') === null, `server: ${page.headers.get('server')}`)
        expect((await page.text()).includes('<script'), 'no page')
      }
      const missing = await fetchFrom(site)(`${SITE}/assets/nothing.js`)
      expect(missing.status === 404, `a missing file: ${missing.status}`)
    },
  ],
  [
    'a creator signs up and makes a game, which is built on the sandbox',
    async ({ site }) => {
      made.ada = await signUp(site, 'Ada')
      made.bob = await signUp(site, 'Bob')
      await api(site).games.create.mutate({ title: 'Hello', template: 'hello' })
      await eventually('the game to be playable', async () => {
        const [game] = (await api(site).games.mine.query()).games
        made.game = game!.id
        return game!.playable || JSON.stringify(game)
      })
    },
  ],
  [
    'two players meet in one room through the front door, each with a ticket that works once',
    async ({ site, play }) => {
      const [first, second] = [await seat(site, made.ada), await seat(site, made.bob)]
      expect(first.room === second.room, 'two rooms')
      const page = await fetchFrom(play)(first.url)
      expect(page.status === 200, `the game's page: ${page.status} ${await page.clone().text()}`)
      expect(page.headers.get('content-security-policy')?.includes(`${PLAY}/`) === true, 'its policy')
      const bare = await fetchFrom(play)(`${PLAY}/${made.game}`)
      expect(bare.status === 308, `without its slash: ${bare.status}`)
      const sockets = [first, second].map(() => socketFrom(play, `/${made.game}/ws`))
      await Promise.all([first, second].map(({ ticket }, at) => join(sockets[at]!, ticket)))
      const stranger = socketFrom(play, `/${made.game}/ws`)
      const turnedAway = once(stranger, 'close').then(() => 'turned away' as const)
      const outcome = await Promise.race([turnedAway, join(stranger, first.ticket)])
      for (const socket of [...sockets, stranger]) socket.terminate()
      expect(outcome === 'turned away', 'a ticket worked twice')
    },
  ],
  [
    'a creator saves on the site, and players of a running room have the new code at once, without a new connection',
    async (pair) => {
      const { site } = pair
      const { socket, player } = await enter(pair)
      expect(JSON.stringify(player.state).includes('players'), `before: ${JSON.stringify(player.state)}`)
      const path = 'server.js'
      const before = await api(site).studio.read.query({ game: made.game, path })
      if (!before.ok) throw new Error(JSON.stringify(before))
      const stranger = await api(site, made.bob)
        .studio.write.mutate({ game: made.game, path, content: EDITED, replaces: before.file.hash })
        .then(
          () => 'was taken',
          (error: Error) => error.message,
        )
      expect(stranger !== 'was taken', "a save by somebody else's account was taken")
      const saved = await api(site).studio.write.mutate({
        game: made.game,
        path,
        content: EDITED,
        replaces: before.file.hash,
      })
      expect(saved.ok, JSON.stringify(saved))
      const score = (points: number) =>
        eventually(`the score ${points}`, async () => {
          const text = JSON.stringify(player.state)
          return text === `{"score":${points}}` || `${text} ${player.closed}`
        })
      await score(0)
      player.act('hit')
      await score(1)
      expect(socket.readyState === socket.OPEN, 'the player was dropped')
      socket.terminate()
    },
  ],
  [
    'how a room ended arrives in Postgres, with its result',
    async (pair) => {
      const { room, socket, player } = await enter(pair)
      player.act('finish', 'the end')
      await reported(pair, room, 'the end')
      socket.terminate()
    },
  ],
  [
    'what the operator lets games use is the limit that a creator reads in the studio',
    async ({ site }) => {
      await eventually('the limit of players', async () => {
        const { usage } = await api(site).studio.status.query({ game: made.game })
        return usage?.players.limit === PLAYERS || JSON.stringify(usage)
      })
    },
  ],
  [
    'players are told the STUN and TURN servers of the settings, letter by letter',
    async ({ site }) => {
      const servers = await api(site).rooms.iceServers.query()
      expect(isDeepStrictEqual(servers, ICE_SERVERS), JSON.stringify(servers))
    },
  ],
  [
    'a game that there is not is a clear 404, and nothing but GET is taken',
    async ({ play }) => {
      const none = await fetchFrom(play)(`${PLAY}/no-such-game/`)
      expect(none.status === 404 && (await none.text()).includes('There is no such game'), `${none.status}`)
      const post = await fetchFrom(play)(`${PLAY}/${made.game}/`, { method: 'POST', body: 'x' })
      expect(post.status === 405 && (await post.text()).includes('Only GET'), `POST: ${post.status}`)
    },
  ],
]

/** Waits until the database has the room's end, with this word in its result. */
export const reported = (pair: Parameters<typeof query>[0], room: string, word: string): Promise<void> =>
  eventually(`the report of ${room}`, async () => {
    const row = (await query(pair, `select state, end_reason, result->>'word' from rooms where id = '${room}'`)).trim()
    return row === `ended|finished|${word}` || row
  })
