// Games without server.js on the site: players' pages connect to each other directly where they can, and play through the room where they cannot.
import type { Page } from 'playwright-core'
import { afterEach, expect, it, vi } from 'vitest'
import { gameOf, inviteLink, meOf, person } from '../people.ts'
import { browser, closeAll, site } from './site.ts'

const GAME = 'ice-sumo'
const WAIT = { timeout: 40_000, interval: 50 } // a browser tries direct connections for ten seconds
const TIME = 120_000

afterEach(closeAll)
const wait = (check: () => Promise<unknown>) => vi.waitFor(check, WAIT)

/** Keeps the page's connections where the test finds them, and counts what comes over them. */
function watchConnections() {
  const channels: RTCDataChannel[] = []
  const heard = { messages: 0 }
  const { createDataChannel } = RTCPeerConnection.prototype
  RTCPeerConnection.prototype.createDataChannel = function (...args) {
    const channel = createDataChannel.apply(this, args)
    channels.push(channel)
    channel.addEventListener('message', ({ data }) => {
      if (new Uint8Array(data as ArrayBuffer)[0] === 2) heard.messages++
    })
    return channel
  }
  Object.assign(window, { channels, heard })
}
const noDirect = () => Reflect.deleteProperty(window, 'RTCPeerConnection')

/** Somebody at the game: the first who comes takes any room, the others follow an invite. */
async function player(invite?: string, before: () => unknown = watchConnections): Promise<Page> {
  const page = await person(browser)
  await page.addInitScript(before)
  if (invite === undefined) {
    await page.goto(`${site.url}/games/${GAME}`)
    await page.getByRole('button', { name: 'Play', exact: true }).click()
  } else await page.goto(invite)
  await wait(async () => expect(await gameOf(page).evaluate(() => gameAPI.getFrame())).toBeGreaterThan(0))
  return page
}
const close = (...pages: Page[]) => Promise.all(pages.map((page) => page.context().close()))
const isHost = (page: Page) => gameOf(page).evaluate(() => gameAPI.isHost())
const penguins = (page: Page) =>
  gameOf(page).evaluate(
    () => (gameAPI.getState() as { penguins: Record<string, { x: number; y: number; score: number }> }).penguins,
  )
const seconds = (page: Page) => gameOf(page).evaluate(() => (gameAPI.getState() as { seconds: number }).seconds)
const messages = (page: Page) => page.evaluate(() => (Reflect.get(window, 'heard') as { messages: number }).messages)
const direct = (page: Page, count: number) =>
  page.getByText(new RegExp(`^Server: \\d+ ms, direct connection to ${count} players?: \\d+ ms$`)).waitFor(WAIT)
const notDirect = (page: Page) => page.getByText(/^Server: \d+ ms$/).waitFor(WAIT)
/** The game goes on for this page: the clock of its state moves. */
async function goesOn(page: Page): Promise<void> {
  const before = await seconds(page)
  await wait(async () => expect(await seconds(page)).not.toBe(before))
}

it('[PP1] pages play directly, through the room when that breaks, directly again; the next host takes over with the scores', {
  timeout: TIME,
}, async () => {
  const host = await player()
  const invite = await inviteLink(host)
  const friend = await player(invite)
  const third = await player(invite)
  await Promise.all([direct(host, 2), direct(friend, 1), direct(third, 1)])
  const before = [await messages(host), await messages(friend)]
  await friend.keyboard.down('ArrowDown')
  await wait(async () => expect(await messages(host)).toBeGreaterThan(before[0]!)) // inputs
  await friend.keyboard.up('ArrowDown')
  await wait(async () => expect(await messages(friend)).toBeGreaterThan(before[1]! + 10)) // states
  expect(await Promise.all([host, friend, third].map(isHost))).toEqual([true, false, false])

  await third.evaluate(() => {
    for (const channel of Reflect.get(window, 'channels') as RTCDataChannel[]) channel.close()
  })
  await goesOn(third)
  await direct(third, 1)

  await host.getByRole('button', { name: 'Leave' }).click()
  await wait(async () => expect(await isHost(friend)).toBe(true))
  await Promise.all([direct(friend, 1), direct(third, 1)])
  await goesOn(third)
  expect(Object.keys(await penguins(third)).sort()).toEqual([await meOf(friend), await meOf(third)].sort())
  await close(host, friend, third)
})

it('[PP4] a page that cannot connect directly plays through the room', { timeout: TIME }, async () => {
  const host = await player()
  const friend = await player(await inviteLink(host), noDirect)
  await Promise.all([notDirect(host), notDirect(friend)])
  await goesOn(friend)
  const me = await meOf(friend)
  const before = (await penguins(friend))[me]!
  await friend.keyboard.down('ArrowUp')
  await wait(async () => expect((await penguins(friend))[me]!.y).not.toBe(before.y))
  await friend.keyboard.up('ArrowUp')
  expect(await messages(host)).toBe(0)
  await close(host, friend)
})

it('[PP3] those who send the host what no page sends are not heard directly any more, and everybody plays on', {
  timeout: TIME,
}, async () => {
  const host = await player()
  const invite = await inviteLink(host)
  const friend = await player(invite)
  const attacks: ((channel: RTCDataChannel) => void)[] = [
    (channel) => channel.send(new Uint8Array(20_000).fill(2)), // too large
    (channel) => {
      for (let i = 0; i < 3_000; i++) channel.send(new Uint8Array(100).fill(2)) // a flood
    },
  ]
  const hostile: Page[] = []
  for (const _ of attacks) hostile.push(await player(invite))
  await direct(host, 1 + attacks.length)
  await Promise.all(hostile.map((page, i) => page.evaluate(`(${attacks[i]})(window.channels.at(-1))`)))
  await direct(host, 1)
  await Promise.all([host, friend, ...hostile].map(goesOn))
  await direct(friend, 1)
  await close(host, friend, ...hostile)
})
