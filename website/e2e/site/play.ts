// People on the site: they sign up, browse, play together, and make a game, each with a browser of their own.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { isAlive, treeOf, WAIT } from '../dev.ts'
import {
  coloursOf,
  drawn,
  gameOf,
  inviteLink,
  meOf,
  person,
  play,
  signUp,
  stateOf,
  textOf,
  watchReloads,
  write,
} from '../people.ts'
import { browser, closeAll, site } from './site.ts'

const TIME = 60_000
/** The picture of the README; SCREENSHOT=1 takes it anew. */
const SCREENSHOT = fileURLToPath(new URL('../screenshot.png', import.meta.url))

const wait = (check: () => Promise<unknown>) => vi.waitFor(check, WAIT)
const close = (...pages: Page[]) => Promise.all(pages.map((page) => page.context().close()))

describe('accounts', () => {
  afterEach(closeAll)

  it('a person signs up, signs out, signs in; a taken e-mail and a wrong password say what to do', async () => {
    const page = await person(browser)
    await signUp(page, site.url, 'Grace')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('link', { name: 'Sign in' }).click()
    await page.getByLabel('E-mail').fill('grace@example.com')
    await page.getByLabel('Password').fill('wrong password')
    const submit = page.getByRole('main').getByRole('button', { name: 'Sign in' })
    await submit.click()
    await page.getByRole('alert').waitFor()
    await page.getByLabel('Password').fill('correct horse battery')
    await submit.click()
    await page.getByRole('button', { name: 'Sign out' }).waitFor()

    const other = await person(browser)
    await other.goto(`${site.url}/sign-up`)
    await other.getByLabel('Name').fill('Grace')
    await other.getByLabel('E-mail').fill('grace@example.com')
    await other.getByLabel('Password').fill('another password')
    await other.getByRole('main').getByRole('button', { name: 'Sign up' }).click()
    await other.getByRole('link', { name: 'Go to sign in' }).waitFor()
    await close(page, other)
  })
})

describe('playing', () => {
  afterEach(closeAll)

  it('a guest browses, searches, opens a game and plays', async () => {
    const page = await person(browser)
    await page.goto(site.url)
    await page
      .getByRole('link', { name: /Tic-tac-toe/ })
      .first()
      .waitFor()
    await page.getByRole('searchbox').fill('pong')
    await wait(async () => expect(await page.getByRole('link', { name: /Tic-tac-toe/ }).count()).toBe(0))
    await page.getByRole('link', { name: /Pong/ }).first().click()
    await page.getByRole('button', { name: 'Play', exact: true }).click()
    await drawn(page)
    await page.getByText('Connected').waitFor()
    await close(page)
  })

  it(
    'a second browser lands in the same room while it has a free seat, a third in a new one; a reload keeps the seat',
    async () => {
      const [one, two, three] = [await person(browser), await person(browser), await person(browser)]
      await play(one, site.url, 'tic-tac-toe')
      await play(two, site.url, 'tic-tac-toe')
      const room = await inviteLink(one)
      expect(await inviteLink(two)).toBe(room)
      await play(three, site.url, 'tic-tac-toe')
      expect(await inviteLink(three)).not.toBe(room)

      const me = await meOf(two)
      await two.reload()
      await drawn(two)
      expect(await meOf(two)).toBe(me)
      expect(await inviteLink(two)).toBe(room)
      await close(one, two, three)
    },
    TIME,
  )

  it(
    'the invite link brings a friend into the very same room, which both see drawn (the picture of the README)',
    async () => {
      const [host, friend] = [await person(browser), await person(browser)]
      await play(host, site.url, 'arena')
      await friend.goto(await inviteLink(host))
      await drawn(friend)
      const ids = [await meOf(host), await meOf(friend)]
      for (const page of [host, friend]) {
        await wait(async () => {
          const players = await gameOf(page).evaluate(() => gameAPI.players.map(({ id }) => id))
          expect(players.sort()).toEqual([...ids].sort())
          expect(await coloursOf(page.locator('iframe'))).toBeGreaterThan(100)
        })
      }
      await host.getByText('2 of 8').waitFor()
      if (process.env.SCREENSHOT) await host.screenshot({ path: SCREENSHOT })
      await close(host, friend)
    },
    TIME,
  )
})

interface Score {
  score: number
}
const SERVER = `
export const setup = () => ({ score: 0 })
export const actions = { hit(state) { state.score += 1 } }
`
const BETTER = `${SERVER.replace('+= 1', '+= 10')}export const migrate = (old) => ({ ...old, rule: 10 })\n`
const CLIENT =
  "const text = gameAPI.createText('', 20, 20)\ngameAPI.onState((state) => { text.text = 'Score ' + state.score })\n"

describe('making a game', () => {
  afterAll(closeAll)

  // Most of its time goes into waiting, so it runs beside the next one.
  it.concurrent(
    '[B09] an iframe that hangs is taken away and loaded again by itself, in the same seat, while the site’s page lives; one that plays stays',
    async () => {
      const [page, other] = [await person(browser), await person(browser)]
      for (const each of [page, other]) await play(each, site.url, 'arena')
      const [me, room, hung] = [await meOf(page), await inviteLink(page), gameOf(page)]
      const reloads = watchReloads(other)
      const hangs = page.frames()[1]!.evaluate(() => {
        for (;;);
      })
      hangs.catch(() => {}) // the frame is gone before it answers
      const patience = { timeout: 45_000, interval: 50 } // seconds of silence, on a machine that does much else
      await page.getByText('The game froze. It is loaded again (1 of 3).').waitFor(patience)
      await vi.waitFor(async () => {
        expect(gameOf(page)).not.toBe(hung)
        expect(await gameOf(page).evaluate(() => gameAPI.getFrame())).toBeGreaterThan(0)
      }, patience)
      expect(await meOf(page)).toBe(me)
      expect(await inviteLink(page)).toBe(room)
      expect(reloads()).toBe(0)
      await close(page, other)
    },
    2 * TIME,
  )

  it.concurrent(
    'a creator changes it on the site and on disk; players in the room get the new code, the score and the connections stay',
    async () => {
      const creator = await person(browser)
      await signUp(creator, site.url, 'Barbara')
      await creator.getByRole('link', { name: 'Studio' }).click()
      await creator.getByRole('button', { name: 'New game' }).click()
      await creator.getByLabel('Title').fill('Barbara’s game')
      await creator.getByRole('button', { name: 'Make it' }).click()
      await creator.getByRole('button', { name: 'server.js', exact: true }).waitFor()
      const game = new URL(creator.url()).pathname.split('/').at(-1)!
      const folder = join(site.data, 'sandbox/games', game)
      await creator.getByText(folder).waitFor() // where the files are
      await creator
        .getByText(/^sftp -P \d+|Install OpenSSH|SFTP/)
        .first()
        .waitFor()

      const edit = async (file: string, text: string) => {
        await creator.getByRole('button', { name: file, exact: true }).click()
        await write(creator, file, text)
        await creator.keyboard.press('Control+s')
        await creator.getByRole('button', { name: 'Save', exact: true }).and(creator.locator(':disabled')).waitFor()
      }
      await edit('client.js', CLIENT)
      await edit('server.js', SERVER)
      const live = () => creator.getByText(/^Live: build/).textContent()
      const builds = join(site.data, 'sandbox/builds', game)
      await wait(async () => {
        const [, id] = /build (\w+)/.exec((await live())!)!
        const build = readdirSync(builds).find((name) => name.startsWith(id!))! // not the template's, nor one of half of it
        expect(readFileSync(join(builds, build, 'files/server.js'), 'utf8')).toBe(SERVER)
      })

      const [ada, bob] = [await person(browser), await person(browser)]
      await play(ada, site.url, game)
      await play(bob, site.url, game)
      const score = async (page: Page) => (await stateOf<Score>(page)).score
      const hit = (page: Page) => gameOf(page).evaluate(() => gameAPI.send('hit'))
      await wait(async () => expect(await score(ada)).toBe(0))
      await hit(ada)
      for (const page of [ada, bob]) await wait(async () => expect(await score(page)).toBe(1))
      const reloads = [watchReloads(ada), watchReloads(bob)]

      // On the site.
      await edit('server.js', BETTER)
      for (const page of [ada, bob]) await wait(async () => expect(await stateOf(page)).toEqual({ score: 1, rule: 10 }))
      await hit(bob)
      const before = 11
      for (const page of [ada, bob]) await wait(async () => expect(await score(page)).toBe(before))

      await creator.getByRole('row', { name: 'players 2/5000' }).waitFor()
      await creator.getByRole('row', { name: /^state of a room 0\.\d\/1024 KiB$/ }).waitFor()

      // On disk, while the site's editor has the version before.
      const build = await live()
      writeFileSync(join(folder, 'client.js'), `${CLIENT}globalThis.edition = 2\n`)
      for (const page of [ada, bob]) {
        await wait(async () => expect(await gameOf(page).evaluate(() => Reflect.get(globalThis, 'edition'))).toBe(2))
        await wait(async () => expect(await score(page)).toBe(before))
      }
      await wait(async () => expect(await live()).not.toBe(build))

      // A save over somebody else's change loses neither.
      await creator.getByRole('button', { name: 'client.js', exact: true }).click()
      await wait(async () => expect(await textOf(creator, 'client.js')).toContain('edition = 2'))
      await write(creator, 'client.js', `${CLIENT}globalThis.edition = 'mine'\n`)
      writeFileSync(join(folder, 'client.js'), `${CLIENT}globalThis.edition = 3\n`)
      await creator.keyboard.press('Control+s')
      await creator.getByText(/was changed meanwhile/).waitFor()
      expect(readFileSync(join(folder, 'client.js'), 'utf8')).toContain('edition = 3')
      await creator.getByRole('button', { name: 'Overwrite with mine' }).click()
      await wait(async () => expect(readFileSync(join(folder, 'client.js'), 'utf8')).toContain("edition = 'mine'"))

      // What goes wrong in the browser of one player is in the creator's log, and on no other player's page.
      writeFileSync(
        join(folder, 'client.js'),
        `${CLIENT}if (gameAPI.me.id === '${await meOf(bob)}') throw new Error('not for Bob')\n`,
      )
      await bob.getByText('Error: not for Bob').first().waitFor()
      await creator
        .getByText(/A player’s browser says: client\.js:3 Error: not for Bob \(build [0-9a-f]{8}\)/)
        .waitFor()
      expect(await ada.getByText(/not for Bob/).count()).toBe(0)
      writeFileSync(join(folder, 'client.js'), `${CLIENT}globalThis.edition = 4\n`)
      for (const page of [ada, bob])
        await wait(async () => expect(await gameOf(page).evaluate(() => Reflect.get(globalThis, 'edition'))).toBe(4))

      // A syntax error reaches its creator, and no player.
      await edit('server.js', `${BETTER}export const tick = ) =>`)
      await creator.getByText('Not live yet').waitFor()
      await creator.getByRole('button', { name: /^server\.js:5:\d+$/ }).waitFor()
      await hit(ada)
      for (const page of [ada, bob]) await wait(async () => expect(await score(page)).toBe(before + 10))
      expect(reloads.map((count) => count())).toEqual([0, 0])
      await close(creator, ada, bob)
    },
    TIME,
  )

  it(
    'an error in client code is shown to the player with its place',
    async () => {
      const player = await person(browser)
      await play(player, site.url, 'hello')
      const file = join(site.data, 'sandbox/games/hello/client.js')
      const good = readFileSync(file, 'utf8')
      writeFileSync(file, `${good}\nnothing.here()\n`)
      await player
        .getByText(/nothing is not defined/)
        .first()
        .waitFor()
      await player
        .getByText(new RegExp(`client\\.js:${good.split('\n').length + 1}`))
        .first()
        .waitFor()
      writeFileSync(file, good)
      await wait(async () => expect(await player.getByText(/nothing is not defined/).count()).toBe(0))
      await close(player)
    },
    TIME,
  )
})

describe('when something breaks', () => {
  afterEach(closeAll)

  it(
    'a game host that is killed costs its players the room, and they can play again',
    async () => {
      const player = await person(browser)
      await play(player, site.url, 'paint')
      const room = await inviteLink(player)
      const isHost = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('dist/host.js')
      const hosts = treeOf(site.child.pid!).filter(isHost)
      expect(hosts.length).toBeGreaterThan(0)
      for (const pid of hosts) process.kill(pid, 'SIGKILL')
      await wait(async () => expect(hosts.filter(isAlive)).toEqual([]))
      await player.getByRole('heading', { name: 'The room is gone' }).waitFor()
      await player.getByText('This room has ended. Press Play for a new one.').waitFor()
      await player.getByRole('button', { name: 'Play again' }).click()
      await drawn(player)
      expect(await inviteLink(player)).not.toBe(room)
      await close(player)
    },
    TIME,
  )
})
