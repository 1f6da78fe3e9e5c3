// What people do in a browser, in their own words.
import { drawSeldom } from '@sandlot/shared/testing/frames.ts'
import type { Browser, BrowserContextOptions, Locator, Page, Worker } from 'playwright-core'
import { expect, vi } from 'vitest'
import { WAIT } from './dev.ts'

/** A person with a browser of their own. */
export async function person(browser: Browser, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
  await drawSeldom(context)
  const page = await context.newPage()
  page.setDefaultTimeout(WAIT.timeout)
  return page
}

export async function signUp(page: Page, url: string, name: string): Promise<void> {
  await page.goto(`${url}/sign-up`)
  await page.getByLabel('Name').fill(name)
  await page.getByLabel('E-mail').fill(`${name.toLowerCase()}@example.com`)
  await page.getByLabel('Password').fill('correct horse battery')
  await page.getByRole('main').getByRole('button', { name: 'Sign up' }).click()
  await page.getByRole('button', { name: 'Sign out' }).waitFor()
}

/** Opens the game's page, presses Play, and waits until the game is drawn. */
export async function play(page: Page, url: string, game: string): Promise<void> {
  await page.goto(`${url}/games/${game}`)
  await page.getByRole('button', { name: 'Play', exact: true }).click()
  await drawn(page)
}

/** The worker that runs the game's client code now. */
export function gameOf(page: Page): Worker {
  const worker = page.workers().at(-1)
  if (!worker) throw new Error('no game runs on this page')
  return worker
}
export const drawn = (page: Page): Promise<void> =>
  vi.waitFor(async () => expect(await gameOf(page).evaluate(() => gameAPI.getFrame())).toBeGreaterThan(0), WAIT)
export const stateOf = <State>(page: Page): Promise<State> => gameOf(page).evaluate(() => gameAPI.getState())
export const meOf = (page: Page): Promise<string> => gameOf(page).evaluate(() => gameAPI.me.id)

/** The room of a page with a seat, as its invite link names it. */
export async function inviteLink(page: Page): Promise<string> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.getByRole('button', { name: 'Copy invite link' }).click()
  return vi.waitFor(async () => {
    const text = await page.evaluate(() => navigator.clipboard.readText())
    expect(text).toMatch(/\/r\/r\w{19}$/)
    return text
  }, WAIT)
}

/** Pastes `text` over all of a file that is open in the studio's editor. (The browser driver's way to insert text loses empty lines.) */
export async function write(page: Page, file: string, text: string): Promise<void> {
  const editor = page.getByLabel(`Text of ${file}`)
  await editor.click()
  await page.keyboard.press('Control+a')
  await editor.evaluate((element, text) => {
    const clipboardData = new DataTransfer()
    clipboardData.setData('text/plain', text)
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }))
  }, text)
}
/** What the studio's editor shows of a file: the lines in view. */
export const textOf = (page: Page, file: string): Promise<string> =>
  page
    .getByLabel(`Text of ${file}`)
    .evaluate((text) => [...text.querySelectorAll('.cm-line')].map((line) => line.textContent).join('\n'))

/** Counts what must not happen during a live edit: documents and sockets that start anew. */
export function watchReloads(page: Page): () => number {
  let count = 0
  page.on('framenavigated', () => count++)
  page.on('websocket', () => count++)
  return () => count
}

/** How many different colours a part of the page shows: a handful when nothing is drawn there, hundreds when a game is. */
export async function coloursOf(part: Locator): Promise<number> {
  const shot = await part.screenshot()
  return part.page().evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
    const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
    const context = new OffscreenCanvas(picture.width, picture.height).getContext('2d')!
    context.drawImage(picture, 0, 0)
    return new Set(new Uint32Array(context.getImageData(0, 0, picture.width, picture.height).data.buffer)).size
  }, shot.toString('base64'))
}
