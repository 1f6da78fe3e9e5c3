// Somebody at a game's page: a browser context of their own in the Chromium that a test file shares. Gone with all it draws when disposed,
// so that no page of an earlier test takes time from a later one.
import { drawSeldom } from '@sandlot/shared/testing/frames.ts'
import type { Browser, BrowserContextOptions, Locator, Page, Worker } from 'playwright-core'
import { expect, vi } from 'vitest'

export const WAIT = { timeout: 60_000, interval: 20 } // on a machine that does much else

export interface Visitor extends AsyncDisposable {
  page: Page
  /** The card with a mistake of the game's code. */
  problem: Locator
  /** The worker that runs the creator's code now. Throws when there is none. */
  worker(): Worker
  frame(): Promise<number>
  /** The player's id. */
  me(): Promise<string>
  /** A global of the worker. */
  read(name: string): Promise<unknown>
}

/** Opens `url`; `before` prepares the page. Playwright's own limits are raised: a busy machine is not a failure. */
export async function visit(
  browser: Browser,
  url: string,
  { before, ...options }: BrowserContextOptions & { before?: (page: Page) => Promise<unknown> } = {},
): Promise<Visitor> {
  const context = await browser.newContext(options)
  context.setDefaultTimeout(WAIT.timeout)
  await drawSeldom(context)
  const page = await context.newPage()
  await before?.(page)
  await page.goto(url)
  const worker = (): Worker => {
    const last = page.workers().at(-1)
    if (!last) throw new Error('no worker runs')
    return last
  }
  return {
    page,
    problem: page.locator('#problem'),
    worker,
    frame: () => worker().evaluate(() => gameAPI.getFrame()),
    me: () => worker().evaluate(() => gameAPI.me.id),
    read: (name) => worker().evaluate((key) => Reflect.get(self, key), name),
    [Symbol.asyncDispose]: () => context.close(),
  }
}

/** Waits until the game has drawn more than `frames` frames. */
export const drawn = ({ frame }: Visitor, frames = 0): Promise<void> =>
  vi.waitFor(async () => expect(await frame()).toBeGreaterThan(frames), WAIT)

/** Opens `url` and waits until its game draws. */
export async function join(...[browser, url, options]: Parameters<typeof visit>): Promise<Visitor> {
  const visitor = await visit(browser, url, options)
  await drawn(visitor)
  return visitor
}
