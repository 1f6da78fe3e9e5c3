import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../testing/postgres.ts'
import { siteFolder, type TestSite, testSite } from '../../testing/site.ts'

let site: TestSite
let db: TestDatabase
const stack = new AsyncDisposableStack()
beforeAll(async () => {
  db = stack.use(await testDatabase())
  const { folder } = stack.use(await siteFolder())
  site = stack.use(await testSite({ databaseUrl: db.websiteUrl, folder }))
})
afterAll(() => stack.disposeAsync())

describe('accounts', () => {
  it('whoever signs up is signed in, and signing out ends it', async () => {
    const ada = await site.visitor().signUp('Ada')
    expect(await ada.api.session.me.query()).toEqual({
      id: expect.any(String),
      name: 'Ada',
      email: 'ada@example.test',
      guest: false,
    })
    await ada.post('/sign-out', {})
    expect(await ada.api.session.me.query()).toBe(null)
    const again = site.visitor()
    expect((await again.post('/sign-in/email', { email: 'ada@example.test', password: 'correct horse' })).status).toBe(
      200,
    )
    expect(await again.api.session.me.query()).toMatchObject({ name: 'Ada' })
  })

  it('a session that has ended is worth nothing, whoever still has its cookie', async () => {
    const user = await site.visitor().signUp('Cookie')
    const { id } = (await user.api.session.me.query())!
    await db.owner.deleteFrom('session').where('userId', '=', id).execute()
    expect(await user.api.session.me.query()).toBe(null)
  })

  it('an e-mail that is taken is refused and says so, in any case of its letters', async () => {
    await site.visitor().signUp('Bob')
    for (const email of ['bob@example.test', 'BOB@Example.test']) {
      const answer = await site.visitor().post('/sign-up/email', { name: 'Other', email, password: 'correct horse' })
      expect(answer).toMatchObject({ status: 422, body: { code: expect.stringMatching(/^USER_ALREADY_EXISTS/) } })
    }
  })

  it('a wrong password and an unknown e-mail get the same answer', async () => {
    await site.visitor().signUp('Cyd')
    const wrong = await site.visitor().post('/sign-in/email', { email: 'cyd@example.test', password: 'wrong password' })
    const unknown = await site
      .visitor()
      .post('/sign-in/email', { email: 'nobody@example.test', password: 'wrong password' })
    expect(wrong).toMatchObject({ status: 401, body: { code: 'INVALID_EMAIL_OR_PASSWORD' } })
    expect(unknown).toEqual(wrong)
  })

  it('a new password ends every other session, asked for or not; a wrong one that was changes nothing', async () => {
    const [here, there] = [await site.visitor().signUp('Fay'), site.visitor()]
    await there.post('/sign-in/email', { email: 'fay@example.test', password: 'correct horse' })
    const change = (currentPassword: string, newPassword = 'battery staple') =>
      here.post('/change-password', { currentPassword, newPassword, revokeOtherSessions: false })
    expect(await change('wrong password')).toMatchObject({ status: 400, body: { code: 'INVALID_PASSWORD' } })
    expect(await change('correct horse', '1234567')).toMatchObject({
      status: 400,
      body: { code: 'PASSWORD_TOO_SHORT' },
    })
    expect(await there.api.session.me.query()).toMatchObject({ name: 'Fay' })

    expect((await change('correct horse')).status).toBe(200)
    expect(await there.api.session.me.query()).toBe(null)
    expect(await here.api.session.me.query()).toMatchObject({ name: 'Fay' })
    const signIn = (password: string) => there.post('/sign-in/email', { email: 'fay@example.test', password })
    expect((await signIn('correct horse')).status).toBe(401)
    expect((await signIn('battery staple')).status).toBe(200)
  })

  it('a name can be changed to what it could have been at the start, and an e-mail cannot', async () => {
    const gil = await site.visitor().signUp('Gil')
    for (const bad of [{ name: ' ' }, { name: 'x'.repeat(33) }, { email: 'other@example.test' }])
      expect((await gil.post('/update-user', bad)).status).toBe(400)
    expect((await gil.post('/update-user', { name: ' Gilda ' })).status).toBe(200)
    expect(await gil.api.session.me.query()).toMatchObject({ name: 'Gilda', email: 'gil@example.test' })
    expect((await site.visitor().post('/update-user', { name: 'Nobody' })).status).toBe(401)
  })

  it('an account is not deleted while the machine of its games is away, nor by anybody else; nothing is missing then', async () => {
    const hal = await site.visitor().signUp('Hal')
    const { id } = (await hal.api.session.me.query())!
    const game = { id: 'hals-game', owner_id: id, node_id: 'n1', title: 'T', build: null }
    await db.owner.insertInto('games').values(game).execute()
    const right = { password: 'correct horse' }
    expect(await hal.post('/delete-account', right)).toEqual({
      status: 503,
      body: {
        code: 'GAME_SERVER_AWAY',
        message: 'The game server does not answer, so nothing was deleted. Try again in a moment.',
      },
    })
    expect(await hal.api.session.me.query()).toMatchObject({ name: 'Hal' })
    expect((await hal.api.games.mine.query()).games).toMatchObject([{ id: 'hals-game' }])
    expect((await (await site.visitor().beGuest()).post('/delete-account', right)).status).toBe(400)
    expect((await site.visitor().post('/delete-account', right)).status).toBe(401)

    await db.owner.deleteFrom('games').where('id', '=', 'hals-game').execute()
    expect((await hal.post('/delete-account', right)).status).toBe(200)
    expect(await hal.api.session.me.query()).toBe(null)
  })

  it.each([
    ['/delete-account', { password: 'wrong password' }],
    ['/change-password', { currentPassword: 'wrong password', newPassword: 'battery staple' }],
  ])('%s, where passwords could be guessed too, takes ten tries a minute', async (path, body) => {
    const thief = site.visitor()
    const statuses: number[] = []
    for (let i = 0; i < 11; i++) statuses.push((await thief.post(path, body)).status)
    expect(statuses).toEqual([...Array(10).fill(401), 429])
  })

  it('people who cannot sign in learn how the operator wants to be reached', async () => {
    expect(await site.visitor().api.session.help.query()).toEqual({ contact: 'write to ops@site.example' })
  })

  it.each([
    ['an empty name', { name: '  ' }],
    ['a name of 33 characters', { name: 'x'.repeat(33) }],
    ['a name with a control character', { name: 'a\u0000b' }],
    ['a short password', { password: '1234567' }],
    ['a password of 129 characters', { password: 'x'.repeat(129) }],
    ['no e-mail', { email: 'not an address' }],
    ['a body that is far too large', { name: 'x'.repeat(100_000) }],
  ])('%s is refused', async (_what, bad) => {
    const email = `${Math.random().toString(36).slice(2)}@example.test`
    const answer = await site
      .visitor()
      .post('/sign-up/email', { name: 'Dot', email, password: 'correct horse', ...bad })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    expect(answer.body.message).toEqual(expect.any(String))
  })

  it('a guest plays without an e-mail, keeps the seat when signing up, and leaves no account behind', async () => {
    const guest = await site.visitor().beGuest()
    const me = await guest.api.session.me.query()
    expect(me).toEqual({
      id: expect.any(String),
      name: expect.stringMatching(/^Guest \d{4}$/),
      email: null,
      guest: true,
    })
    await db.owner
      .insertInto('games')
      .values({ id: 'seat-game', owner_id: me!.id, node_id: 'n1', title: 'T', build: null })
      .execute()
    const room = {
      id: `r${'0'.repeat(19)}`,
      game_id: 'seat-game',
      node_id: 'n1',
      state: 'open',
      max_players: 2,
    } as const
    await db.owner.insertInto('rooms').values(room).execute()
    const seat = {
      player_id: `p${'0'.repeat(19)}`,
      room_id: room.id,
      user_id: me!.id,
      name: 'Guest',
      state: 'taken',
    } as const
    await db.owner
      .insertInto('seats')
      .values({ ...seat, expires_at: new Date() })
      .execute()
    const owner = await site.visitor().signUp('Owner')
    const { id } = (await owner.api.session.me.query())!
    await db.owner.updateTable('games').set({ owner_id: id }).execute()

    await guest.signUp('Eve')
    const now = await guest.api.session.me.query()
    expect(now).toMatchObject({ name: 'Eve', guest: false })
    const { user_id } = await db.owner.selectFrom('seats').select('user_id').executeTakeFirstOrThrow()
    expect(user_id).toBe(now!.id)
    expect(await db.owner.selectFrom('user').select('id').where('id', '=', me!.id).execute()).toEqual([])
  })

  it('the eleventh try from one address within a minute is turned away, another address is not', async () => {
    const guesser = site.visitor()
    const attempt = { email: 'nobody@example.test', password: 'wrong password' }
    const statuses: number[] = []
    for (let i = 0; i < 11; i++) statuses.push((await guesser.post('/sign-in/email', attempt)).status)
    expect(statuses).toEqual([...Array(10).fill(401), 429])
    expect((await site.visitor().post('/sign-in/email', attempt)).status).toBe(401)
  })

  it('behind a front door on a unix socket, the address is the one that the front door names', async () => {
    await using secrets = await siteFolder()
    const socketPath = join(secrets.folder, 'site.sock')
    const options = { databaseUrl: db.websiteUrl, folder: secrets.folder, listen: `unix:${socketPath}` }
    await using hidden = await testSite(options)
    const address = '203.0.113.77'
    const headers = { origin: hidden.origin, 'x-forwarded-for': address, 'content-type': 'application/json' }
    const call = request({ socketPath, method: 'POST', path: '/api/auth/sign-in/anonymous', headers }).end('{}')
    const [response] = (await once(call, 'response')) as [IncomingMessage]
    response.resume()
    expect(response.statusCode).toBe(200)
    const sessions = await db.owner.selectFrom('session').select('id').where('ipAddress', '=', address).execute()
    expect(sessions).toHaveLength(1)
  })

  it('another site can neither sign a visitor in nor out', async () => {
    const mallory = site.visitor()
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: 'http://evil.test' },
      body: '{}',
    }
    for (const path of ['/api/auth/sign-out', '/api/auth/sign-in/anonymous', '/api/trpc/rooms.quickPlay'])
      expect((await mallory.fetch(path, init)).status, path).toBe(403)
  })

  it('routes that Sandlot does not use do not exist', async () => {
    for (const path of [
      '/api/auth/list-sessions',
      '/api/auth/error',
      '/api/auth/delete-anonymous-user',
      '/api/nothing',
    ])
      expect((await site.visitor().fetch(path)).status, path).toBe(404)
  })
})
