// The site and the browser of all tests in this folder: they start once.
import { launchChromium } from '@sandlot/shared/testing/chromium.ts'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { type Dev, devSite } from '../dev.ts'

export let site: Dev
export let browser: Browser

const stack = new AsyncDisposableStack()
beforeAll(async () => {
  const isolated = '--site-per-process' // as browsers on desktops are: a game that hangs does not hang the site
  const [dev, chromium] = await Promise.all([devSite(), launchChromium(isolated)])
  site = stack.use(dev)
  browser = chromium
  stack.defer(() => browser.close())
}, 90_000)
afterAll(() => stack.disposeAsync())

/** After a test: pages that a failed one has left would go on drawing, and take the time of those that follow. */
export const closeAll = () => Promise.all(browser.contexts().map((context) => context.close()))
