// What an operator does with people, and what people do with their own accounts, beside a site with a real sandbox.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { COMPILED } from '@sandlot/shared/testing/compiled.ts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { Nodes } from '../server/control/nodes.ts'
import type { Placed } from '../server/trpc.ts'
import type { Visitor } from '../testing/site.ts'
import { testWorld, type World } from '../testing/world.ts'
import { act, explain, type Said } from './verbs.ts'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))
const WAIT = { timeout: 30_000, interval: 50 }
const KEY = `ssh-ed25519 ${'A'.repeat(68)} owner@laptop`

let world: World
let guest: Visitor // only looks: who plays has a visitor of their own, because nobody may hold many seats
beforeAll(async () => {
  world = await testWorld()
  guest = await world.site.visitor().beGuest()
})
afterAll(() => world[Symbol.asyncDispose]())

const nodes = (controlUrl = world.nodes[0]!.controlUrl) => new Nodes([{ ...world.nodes[0]!, controlUrl }])
const away = () => nodes('http://127.0.0.1:9')

/** What an operator who says these words hears. */
async function people(words: string[], placed: Partial<Placed> = {}) {
  const said = act({ db: world.db.website, nodes: nodes(), ...placed }, words)
  const {
    done = true,
    answer = null,
    note = null,
  } = await said.catch((error): Said => ({ done: false, note: explain(error) }))
  return { done, answer, note }
}

async function creator(name: string): Promise<{ visitor: Visitor; email: string; game: string }> {
  const visitor = await world.site.visitor().signUp(name)
  const { game } = await visitor.api.games.create.mutate({ title: `${name}s game`, template: 'hello' })
  await vi.waitFor(async () => expect((await guest.api.games.get.query({ game })).playable).toBe(true), WAIT)
  return { visitor, email: `${name.toLowerCase()}@example.test`, game }
}
const signIn = (email: string, password = 'correct horse') =>
  world.site.visitor().post('/sign-in/email', { email, password })
/** A seat in a room of the game, as soon as its host has started. */
const seat = (player: Visitor, game: string) =>
  vi.waitFor(async () => {
    const answer = await player.api.rooms.quickPlay.mutate({ game })
    if (!answer.ok) throw new Error(answer.text)
    return answer
  }, WAIT)
const folderOf = (game: string) => join(world.data, 'games', game)
const listed = async () => (await guest.api.games.list.query({})).games.map(({ id }) => id)

describe.concurrent('sandlot-people', () => {
  it('finds somebody by name, by e-mail and by the game they own, and says who is banned', async () => {
    const { email, game } = await creator('Finn')
    const line = expect.stringMatching(`^${email}  "Finn"  since 20\\d\\d-\\d\\d-\\d\\d  games: ${game}$`)
    for (const word of ['INN', 'finn@example', game])
      expect(await people(['find', word])).toEqual({ done: true, answer: line, note: null })
    expect(await people(['find', '%'])).toMatchObject({ done: false, answer: null })
    await people(['ban', email, 'too', 'loud'])
    expect((await people(['find', 'finn'])).answer).toMatch(/ {2}BANNED: too loud$/)
  })

  it('gives a new password, with which the old one and every session are worth nothing', async () => {
    const visitor = await world.site.visitor().signUp('Pat')
    const other = await world.site.visitor().signUp('Quin')
    const { answer } = await people(['password', 'PAT@example.test'])
    expect(answer).toMatch(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/)
    expect(await visitor.api.session.me.query()).toBe(null)
    expect((await signIn('pat@example.test')).status).toBe(401)
    expect((await signIn('pat@example.test', answer!)).status).toBe(200)
    expect(await other.api.session.me.query()).toMatchObject({ name: 'Quin' })
    expect((await signIn('quin@example.test')).status).toBe(200)
  })

  it('a banned person has no session and gets none, and is told why; nobody else sees or plays their games', async () => {
    const { visitor, email, game } = await creator('Bea')
    const bystander = await creator('Ben')
    await visitor.api.studio.setKeys.mutate({ keys: [KEY] })
    const [player, other] = [await world.site.visitor().beGuest(), await world.site.visitor().beGuest()]
    const before = await seat(player, game)

    expect(await people(['ban', email, 'spam'])).toEqual({ done: true, answer: `${email} is banned.`, note: null })
    expect(await visitor.api.session.me.query()).toBe(null)
    expect(await signIn(email)).toEqual({
      status: 403,
      body: {
        code: 'BANNED',
        message: 'This account is banned: spam. Ask the operator of this site: write to ops@site.example',
      },
    })
    expect((await signIn(email, 'wrong password')).body.code).toBe('INVALID_EMAIL_OR_PASSWORD') // who is banned, only they learn
    const sessions = world.db.owner.selectFrom('session').innerJoin('user', 'user.id', 'session.userId')
    expect(await sessions.select('user.id').where('email', '=', email).execute()).toEqual([])

    await expect(guest.api.games.get.query({ game })).rejects.toMatchObject({ data: { code: 'NOT_FOUND' } })
    expect(await listed()).toEqual(expect.arrayContaining([bystander.game]))
    expect(await listed()).not.toContain(game)
    expect(await other.api.rooms.quickPlay.mutate({ game })).toMatchObject({ ok: false, reason: 'no-such-game' })
    expect(await other.api.rooms.join.mutate({ room: before.room })).toMatchObject({
      ok: false,
      reason: 'no-such-room',
    })
    expect(await player.api.rooms.rejoin.mutate({ room: before.room, player: before.player })).toMatchObject({
      ok: false,
      reason: 'no-such-room',
    })
    await vi.waitFor(async () => {
      const row = world.db.owner.selectFrom('rooms').select(['state', 'end_reason']).where('id', '=', before.room)
      expect(await row.executeTakeFirst()).toEqual({ state: 'ended', end_reason: 'stopped' })
    }, WAIT)
    expect(existsSync(folderOf(game))).toBe(true)
    await seat(other, bystander.game)

    expect(await people(['unban', email])).toMatchObject({ done: true, answer: `${email} may sign in again.` })
    expect((await visitor.post('/sign-in/email', { email, password: 'correct horse' })).status).toBe(200)
    expect(await visitor.api.studio.keys.query()).toEqual({ keys: [KEY] })
    expect(await listed()).toContain(game)
    await seat(other, game)
  })

  it('a ban holds while the sandbox is away, says what is left to do, and a second time does it', async () => {
    const { visitor, email, game } = await creator('Abe')
    await seat(visitor, game)
    expect(await people(['ban', email], { nodes: away() })).toMatchObject({
      done: false,
      note: expect.stringMatching(/ban again/),
    })
    expect((await signIn(email)).body.message).toMatch(/^This account is banned\. Ask/)
    expect(await people(['ban', email])).toMatchObject({ done: true, note: null })
  })

  it('removes a game with its files, and none while the sandbox is away', async () => {
    const { visitor, game } = await creator('Rob')
    const refused = await people(['remove-game', game], { nodes: away() })
    expect(refused).toMatchObject({ done: false, answer: null, note: expect.stringMatching(/nothing was changed/) })
    expect([await listed(), existsSync(folderOf(game))]).toEqual([expect.arrayContaining([game]), true])
    expect(await people(['remove-game', game])).toMatchObject({ done: true, note: null })
    expect(existsSync(folderOf(game))).toBe(false)
    expect(await listed()).not.toContain(game)
    expect(await visitor.api.games.mine.query()).toEqual({ games: [] })
  })

  it.each([
    [[], /^Usage:/],
    [['constructor'], /^Usage:/],
    [['password'], /^Usage:/],
    [['unban', 'a@b.c', 'd@e.f'], /^Usage:/],
    [['password', 'nobody@example.test'], /no account with the e-mail nobody@example\.test.*sandlot-people find/],
    [['ban', 'finn'], /no account/],
    [['remove-game', '../x'], /no game of this id/],
    [['remove-game', 'no-such-game'], /no game of this id/],
  ])('what there is not is said, and nothing else happens: %j', async (words, sentence) => {
    expect(await people(words)).toMatchObject({ done: false, answer: null, note: expect.stringMatching(sentence) })
  })

  it('as a command: the answer on one stream, what else there is to know on the other; what is missing is said in a sentence', async () => {
    const run = async (words: string[], nodes: unknown, url = world.db.websiteUrl) => {
      const env = { PATH: process.env.PATH, ...COMPILED, DATABASE_URL: url }
      const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, ...words], { env })
      child.stdin.end(JSON.stringify(nodes))
      const code = new Promise<number | null>((resolve) => child.once('exit', resolve))
      return Promise.all([code, text(child.stdout), text(child.stderr)])
    }
    await world.site.visitor().signUp('Cal')
    const words = ['password', 'cal@example.test']
    expect(await run(words, world.nodes)).toEqual([
      0,
      expect.stringMatching(/^\S{23}\n$/),
      expect.stringMatching(/sessions/),
    ])
    const nowhere = new URL(world.db.websiteUrl)
    nowhere.port = '9'
    const [none, refused] = await Promise.all([run(words, []), run(words, world.nodes, nowhere.href)])
    expect(none).toEqual([1, '', expect.stringMatching(/^Config: standard input/)])
    expect(refused).toEqual([1, '', expect.stringMatching(/^The database does not answer/)])
  })
})

describe('an account that its person deletes', () => {
  it('goes with its games, their files, its keys and its seats, and with nothing of anybody else', async () => {
    const [mine, other] = await Promise.all([creator('Dee'), creator('Oli')])
    await mine.visitor.api.studio.setKeys.mutate({ keys: [KEY] })
    await seat(mine.visitor, other.game)
    const wrong = await mine.visitor.post('/delete-account', { password: 'wrong password' })
    expect(wrong).toMatchObject({ status: 400, body: { code: 'INVALID_PASSWORD' } })
    expect((await mine.visitor.post('/delete-account', {})).status).toBe(400)
    expect(existsSync(folderOf(mine.game))).toBe(true)

    expect((await mine.visitor.post('/delete-account', { password: 'correct horse' })).status).toBe(200)
    expect(await mine.visitor.api.session.me.query()).toBe(null)
    expect([existsSync(folderOf(mine.game)), existsSync(folderOf(other.game))]).toEqual([false, true])
    expect((await signIn(mine.email)).body.code).toBe('INVALID_EMAIL_OR_PASSWORD')
    const rows = (await people(['find', 'example.test'])).answer
    expect(rows).toContain(other.email)
    expect(rows).not.toContain(mine.email)
    expect(
      await world.db.owner
        .selectFrom('ssh_keys')
        .innerJoin('user', 'user.id', 'user_id')
        .where('name', '=', 'Dee')
        .selectAll()
        .execute(),
    ).toEqual([])
    await world.site.visitor().signUp('Dee') // the e-mail is free again
  })
})
