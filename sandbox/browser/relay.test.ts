// Games without server.js in a real Chromium, against the real game host: players in several contexts, and somebody who speaks the protocol by hand.
import { launchChromium } from '@sandlot/shared/testing/chromium.ts'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { TestPlayer } from '../testing/host.ts'
import { join, type Visitor, WAIT } from './testing/visitor.ts'
import { startWired, type WiredHost } from './testing/wired.ts'

vi.setConfig({ testTimeout: 120_000, maxConcurrency: 3 })

// The host counts frames and repeats what the others say; `own` is what only this page knows.
const CLIENT = `
let error = ''
globalThis.own = { states: 0, get error() { return error } }
gameAPI.onState(() => { own.states++ })
gameAPI.onUpdate(() => {
  gameAPI.sendInput({ says: gameAPI.me.name })
  try {
    const state = gameAPI.isHost() || globalThis.forge ? gameAPI.getState() ?? { count: 0 } : undefined
    if (state) gameAPI.setState({ count: state.count + 1, by: gameAPI.me.id, inputs: gameAPI.getInputs() })
  } catch (thrown) {
    error = thrown.name + ': ' + thrown.message
  }
})`

interface State {
  count: number
  by: string
  inputs: Record<string, { says: string }>
}
let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser.close())

const stateOf = ({ worker }: Visitor) => worker().evaluate(() => gameAPI.getState() as State)
const isHost = ({ worker }: Visitor) => worker().evaluate(() => gameAPI.isHost())
const wait = (check: () => Promise<unknown>) => vi.waitFor(check, WAIT)
const game = (files: Record<string, string> = {}) => startWired({ 'client.js': CLIENT, ...files })
/** The game goes on for this player, under that host. */
async function goesOn(visitor: Visitor, host: Visitor): Promise<void> {
  const by = await host.me()
  const { count } = await stateOf(visitor)
  await wait(async () => {
    const now = await stateOf(visitor)
    expect(now.by).toBe(by)
    expect(now.count).toBeGreaterThan(count)
  })
}

it.concurrent('[RL1] [RL3] [RL4] the host’s state reaches everybody, late ones too; inputs reach the host; a host that drops is followed', async () => {
  await using host: WiredHost = await game()
  const ada = await join(browser, host.url)
  await wait(async () => expect((await stateOf(ada)).count).toBeGreaterThan(5))
  await using bob = await join(browser, host.url)
  await wait(async () => expect((await stateOf(bob)).count).toBeGreaterThan(5)) // not from 0: he came late
  expect(await Promise.all([ada, bob].map(isHost))).toEqual([true, false])
  const [adaId, bobId] = [await ada.me(), await bob.me()]
  await wait(async () => expect(Object.keys((await stateOf(bob)).inputs).sort()).toEqual([adaId, bobId].sort()))
  const { count } = await stateOf(bob)
  await ada[Symbol.asyncDispose]() // the tab is closed
  await wait(async () => expect(await isHost(bob)).toBe(true))
  expect((await stateOf(bob)).count).toBeGreaterThanOrEqual(count)
  await goesOn(bob, bob)
  expect(Object.keys((await stateOf(bob)).inputs)).toEqual([bobId])
  await using cyd = await join(browser, host.url)
  await goesOn(cyd, bob)
})

it.concurrent('[HS3] a host whose connection breaks and comes back goes on as host', async () => {
  await using host = await game()
  await using ada = await join(browser, host.url)
  await using bob = await join(browser, host.url)
  await wait(async () => expect((await stateOf(bob)).count).toBeGreaterThan(1))
  host.cut()
  await goesOn(bob, ada)
  await goesOn(ada, ada)
  expect(await Promise.all([ada, bob].map(isHost))).toEqual([true, false])
})

it.concurrent('[HS3] a host whose page sleeps, or whose code made a mistake, is followed by one whose game runs', async () => {
  await using host = await game()
  await using ada = await join(browser, host.url)
  await using bob = await join(browser, host.url)
  await using cyd = await join(browser, host.url)
  await ada.page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden' })
    document.dispatchEvent(new Event('visibilitychange'))
  })
  await wait(async () => expect(await isHost(bob)).toBe(true))
  await goesOn(cyd, bob)
  await bob.worker().evaluate(() => {
    gameAPI.onUpdate(() => {
      throw new Error('a mistake')
    })
  })
  await wait(async () => expect(await isHost(cyd)).toBe(true))
  await goesOn(cyd, cyd)
})

it.concurrent('[RL2] who is not host gets a NotHostError from setState, and forged messages change nothing', async () => {
  await using host = await game()
  await using ada = await join(browser, host.url)
  await using bob = await join(browser, host.url)
  await bob.worker().evaluate(() => Object.assign(globalThis, { forge: true }))
  await wait(async () =>
    expect(await bob.worker().evaluate(() => Reflect.get(globalThis, 'own').error)).toBe(
      'NotHostError: Only the host can set the state: ask gameAPI.isHost() first',
    ),
  )
  await using eve = await TestPlayer.join(host.url)
  for (let n = 1; n < 60; n++)
    eve.act('state', { e: 1, n: n * 1_000, b: null, p: { v: { count: -1, by: 'eve', inputs: {} } } })
  eve.act('input', { n: 1, k: 'x'.repeat(1_001) })
  const refused = await eve.until((player) => player.all('refused').length >= 60 && player.all('refused'), 'refusals')
  expect(new Set(refused.map(({ why }) => why)).size).toBe(2)
  await goesOn(bob, ada)
  expect((await stateOf(bob)).by).toBe(await ada.me())
})

it.concurrent('[RL2] what a hostile host sends the room costs its players nothing: the next one goes on', async () => {
  await using host = await game()
  const eve = await TestPlayer.join(host.url) // the first: she is host
  await using bob = await join(browser, host.url)
  const forged = [
    { e: 1, n: 1, b: null, p: { v: { count: 7, by: 'eve', inputs: {}, deep: JSON.parse('[[[[[[]]]]]]') } } },
    { e: 1, n: 2, b: 1, p: { p: { count: { p: { x: { v: 1 } } } } } },
    { e: 1, i: 0, of: 32, x: 'x'.repeat(5_000) },
    { e: 1, n: 3, b: 1, p: { s: { more: 'x'.repeat(10_000) } } },
    null,
  ]
  for (const message of forged) eve.act('state', message)
  await wait(async () => expect((await stateOf(bob)).count).toBe(7))
  eve.send({ t: 'leave' })
  await goesOn(bob, bob)
  expect(await bob.problem.isVisible()).toBe(false)
  await eve[Symbol.asyncDispose]()
})

it.concurrent('gameAPI says which functions belong to a game with server.js and which to one without', async () => {
  await using without = await game()
  await using ada = await join(browser, without.url)
  const errors = (visitor: Visitor) =>
    visitor.worker().evaluate(() => {
      const said = (call: () => unknown) => {
        try {
          call()
          return 'fine'
        } catch (error) {
          return (error as Error).name
        }
      }
      return {
        send: said(() => gameAPI.send('x')),
        setState: said(() => gameAPI.setState({})),
        sendInput: said(() => gameAPI.sendInput(1)),
        getInputs: said(() => gameAPI.getInputs()),
        map: said(() => gameAPI.setState({ map: new Map() })),
        large: said(() => gameAPI.setState('x'.repeat(65_536))),
        largeInput: said(() => gameAPI.sendInput('x'.repeat(1_000))),
      }
    })
  const fine = { setState: 'fine', sendInput: 'fine', getInputs: 'fine' }
  const refused = { map: 'StateError', large: 'StateTooLargeError', largeInput: 'InputTooLargeError' }
  expect(await errors(ada)).toEqual({ send: 'TypeError', ...fine, ...refused })
  await without.save('server.js', 'export const setup = () => ({})')
  await wait(async () =>
    expect(await errors(ada)).toEqual({
      send: 'fine',
      ...Object.fromEntries(Object.keys({ ...fine, ...refused }).map((name) => [name, 'HasServerError'])),
    }),
  )
})
