// Client code that does not come back, in a real Chromium: what the guards end, what the watchdog stops. Several at once, for each waits for seconds.
import { launchChromium } from '@sandlot/shared/testing/chromium.ts'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { drawn, join, visit } from './testing/visitor.ts'
import { startWired } from './testing/wired.ts'

const SPIN = 'void /^(a+)+$/.test("a".repeat(60) + "b")'
const STOPPED = 'client.js did not come back for 5 seconds and was stopped.'
const SERVER = 'export const setup = () => ({})'
const CLIENT = 'gameAPI.onUpdate(() => {})'
vi.setConfig({ testTimeout: 180_000, maxConcurrency: 10 })

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser.close())

it.concurrent('a loop without end leaves the page alive, is stopped and tried again, and the next build plays', async () => {
  await using host = await startWired({ 'server.js': SERVER, 'client.js': `gameAPI.log("looping")\n${SPIN}` })
  await using alice = await visit(browser, host.url)
  await alice.page.locator('#status.playing').waitFor()
  const frames = await alice.page.evaluate(
    () =>
      new Promise<number>((done) => {
        let count = 0
        const next = () => (++count === 10 ? done(count) : requestAnimationFrame(next))
        next()
      }),
  )
  expect(frames).toBe(10)
  await alice.problem.filter({ hasText: `${STOPPED} It starts again (1 of 3).` }).waitFor()
  await alice.problem.filter({ hasText: '(2 of 3)' }).waitFor()
  await host.save('client.js', CLIENT)
  await alice.problem.waitFor({ state: 'hidden' })
  await drawn(alice)
})

it.concurrent('a loop of the creator’s own is ended by its guard, at its place', async () => {
  await using host = await startWired({
    'server.js': SERVER,
    'client.js': `${CLIENT}\nlet n = 0; gameAPI.onUpdate(() => { for (;;) n++ })`,
  })
  await using alice = await join(browser, host.url)
  await alice.problem.filter({ hasText: 'Error: Loop ran longer than 3000 ms (client.js:2)' }).waitFor()
  expect(await alice.problem.locator('.place').textContent()).toBe('client.js:2:37')
})

const ENDED = 'Error: Function ran longer than 3000 ms (client.js:1)'
// STOPPED: no guard reaches into what the language itself does.
it.concurrent.each([
  [
    'recursion of promises in onUpdate',
    'gameAPI.onUpdate(() => { const again = () => Promise.resolve().then(again); again() })',
    ENDED,
  ],
  ['a promise', 'Promise.resolve().then(() => /^(a+)+$/.test("a".repeat(60) + "b"))', STOPPED],
  ['promises without end', 'const again = () => Promise.resolve().then(again)\nagain()', ENDED],
  ['a regular expression', 'gameAPI.onUpdate(() => /^(a+)+$/.test("a".repeat(60) + "b"))', STOPPED],
  [
    'a built-in that cannot be interrupted',
    'gameAPI.onUpdate(() => Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1))',
    STOPPED,
  ],
])('[B08] a loop in %s is stopped, and the player is told', async (_where, code, told) => {
  await using host = await startWired({ 'server.js': SERVER, 'client.js': code })
  await using alice = await visit(browser, host.url)
  await alice.problem.filter({ hasText: told }).waitFor()
})

it.concurrent.each([
  ['a promise that is never kept', 'const wait = new Promise(() => {})\nawait wait', 2],
  [
    'an iterator that never gives',
    'const never = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }\nfor await (const each of never) gameAPI.log(each)',
    2,
  ],
])(
  '[B16 B17] a module whose top level waits for %s is not waited for, whatever its timers do; its line is told',
  async (_for, code, line) => {
    const timers = 'setInterval(() => gameAPI.log("still here"), 100)'
    const files = { 'client.js': `${code}\nimport './timers.js'`, 'timers.js': timers }
    await using host = await startWired({ 'server.js': SERVER, ...files })
    await using alice = await visit(browser, host.url)
    await alice.problem.filter({ hasText: `Waited longer than 4000 ms (client.js:${line})` }).waitFor()
    expect(await alice.problem.locator('.place').textContent()).toMatch(new RegExp(`^client\\.js:${line}:\\d+$`))
    await host.save('client.js', `await new Promise((done) => setTimeout(done, 100))\n${CLIENT}`)
    await alice.problem.waitFor({ state: 'hidden' })
    await drawn(alice) // what comes is waited for
  },
)

it.concurrent('a module that is slow to come is waited for', async () => {
  await using host = await startWired({ 'server.js': SERVER, 'client.js': CLIENT })
  await using alice = await visit(browser, host.url, {
    before: (page) =>
      page.route('**/client.js', async (route) => {
        await new Promise((done) => setTimeout(done, 7_000)) // the slowness itself
        await route.continue()
      }),
  })
  await drawn(alice)
  expect(await alice.problem.isVisible()).toBe(false)
})
