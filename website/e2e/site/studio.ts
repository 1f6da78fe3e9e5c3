// A creator in the studio: the editor, and the game beside it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { WAIT } from '../dev.ts'
import { drawn, gameOf, meOf, person, signUp, textOf, watchReloads, write } from '../people.ts'
import { browser, site } from './site.ts'

const TIME = 60_000
const refused: string[] = []
let page: Page
let folder: string

beforeAll(async () => {
  page = await person(browser)
  page.on(
    'console',
    (line) => /Content Security Policy/.test(line.text()) && refused.push(`${line.location().url}: ${line.text()}`),
  )
  await signUp(page, site.url, 'Joan')
  await page.goto(`${site.url}/studio`)
  await page.getByRole('button', { name: 'New game' }).click()
  await page.getByLabel('Title').fill('Joan’s game')
  await page.getByRole('button', { name: 'Make it' }).click()
  await page.getByLabel('Text of server.js').waitFor()
  folder = join(site.data, 'sandbox/games', new URL(page.url()).pathname.split('/').at(-1)!)
})
afterAll(() => page.context().close())

const wait = (check: () => Promise<unknown>) => vi.waitFor(check, WAIT)
const onDisk = (file: string) => readFileSync(join(folder, file), 'utf8')
const open = (file: string) => page.getByRole('navigation', { name: 'Files' }).getByText(file, { exact: true }).click()
const saved = () => page.getByRole('button', { name: 'Save', exact: true }).and(page.locator(':disabled')).waitFor()
/** The line of the editor with the caret, and how far in it stands, both from 1. */
const caret = (file: string) =>
  page.getByLabel(`Text of ${file}`).evaluate((text) => {
    const { anchorNode, anchorOffset } = (
      text.getRootNode() as ShadowRoot & { getSelection(): Selection }
    ).getSelection()
    const line = anchorNode?.parentElement?.closest('.cm-line')
    if (!line || !anchorNode) return null
    const before = document.createRange()
    before.setStart(line, 0)
    before.setEnd(anchorNode, anchorOffset)
    return { line: [...text.querySelectorAll('.cm-line')].indexOf(line) + 1, column: before.toString().length + 1 }
  })
const edition = () => gameOf(page).evaluate(() => Reflect.get(globalThis, 'edition'))

it('the studio calls a game by its title', async () => {
  await page.getByRole('heading', { name: 'Joan’s game', level: 1 }).waitFor()
  await wait(async () => expect(await page.title()).toContain('Joan’s game'))
})

it('after `gameAPI.` its members are offered, with their signatures; choosing one types it', async () => {
  await open('client.js')
  await write(page, 'client.js', '\n')
  await page.keyboard.type('const ship = gameAPI.createS')
  const option = page.getByRole('option', { name: /^createSprite/ })
  await option.waitFor()
  await page.getByText('createSprite(type: string, x: number, y: number', { exact: false }).waitFor()
  await option.click()
  await wait(async () => expect(await textOf(page, 'client.js')).toContain('gameAPI.createSprite'))
  await page.keyboard.type("('ship', 1, 2)\nship.mov")
  await page.getByRole('option', { name: /^moveTo/ }).waitFor()
  await page.keyboard.press('Escape')
})

it('Ctrl+S saves what was typed; Tab indents, and after Escape it leaves', async () => {
  await write(page, 'client.js', 'let a = 1')
  await page.keyboard.press('Home')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Control+s')
  await saved()
  expect(onDisk('client.js')).toBe('  let a = 1')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Tab')
  await wait(async () => expect(await page.evaluate(() => document.activeElement?.className)).not.toContain('host'))
  expect(await textOf(page, 'client.js')).toBe('  let a = 1')
})

it('unsaved text survives a reload of the tab, and each file keeps its own undo', async () => {
  await open('server.js')
  const before = onDisk('server.js')
  await write(page, 'server.js', 'export const setup = () => ({ half: "a thought" })\n')
  page.once('dialog', (dialog) => dialog.accept())
  await page.reload()
  await wait(async () => expect(await textOf(page, 'server.js')).toContain('a thought'))
  expect(onDisk('server.js')).toBe(before)
  await write(page, 'server.js', 'export const setup = () => ({})\n')
  await open('client.js')
  await page.getByLabel('Text of client.js').waitFor()
  await open('server.js')
  await page.getByLabel('Text of server.js').click()
  await page.keyboard.press('Control+z')
  await wait(async () => expect(await textOf(page, 'server.js')).toContain('a thought'))
})

it('a problem of the build is marked on its line, the build panel leads there, and the mark goes with the problem', async () => {
  await write(page, 'server.js', 'export const setup = () => ({})\nexport const tick = ) => {}\n')
  await page.keyboard.press('Control+s')
  const mark = page.locator('.cm-lint-marker-error')
  await mark.waitFor()
  expect(await page.locator('.cm-lintRange-error').textContent()).toBe(')')
  const line = await page.locator('.cm-line').nth(1).boundingBox()
  expect(Math.abs((await mark.boundingBox())!.y - line!.y)).toBeLessThan(line!.height / 2)
  await page.getByLabel('Text of server.js').click({ position: { x: 5, y: 5 } })
  await page.getByRole('button', { name: /^server\.js:2:\d+$/ }).click()
  await wait(async () => expect(await caret('server.js')).toEqual({ line: 2, column: 21 }))
  await write(page, 'server.js', 'export const setup = () => ({})\n')
  await page.keyboard.press('Control+s')
  await page.getByText(/^Live: build/).waitFor()
  await wait(async () => expect(await mark.count()).toBe(0))
})

it(
  'the preview is the game itself: a save reaches it without a new document or socket, and its errors lead to their line',
  async () => {
    await open('client.js')
    await write(page, 'client.js', 'globalThis.edition = 1\n')
    await page.keyboard.press('Control+s')
    await saved()
    await page.getByRole('button', { name: 'Preview' }).click()
    await drawn(page)
    expect(await page.locator('iframe').getAttribute('sandbox')).toBe('allow-scripts')
    await wait(async () => expect(await edition()).toBe(1))
    const me = await meOf(page)
    const reloads = watchReloads(page)

    await write(page, 'client.js', 'globalThis.edition = 2\n')
    await page.keyboard.press('Control+s')
    await wait(async () => expect(await edition()).toBe(2))
    expect(await meOf(page)).toBe(me)

    const allowed = (feature: string) =>
      page.frames()[1]!.evaluate((name) => {
        const { featurePolicy } = document as Document & { featurePolicy: { allowsFeature(name: string): boolean } }
        return featurePolicy.allowsFeature(name)
      }, feature)
    expect(await Promise.all(['gamepad', 'camera', 'fullscreen'].map(allowed))).toEqual([true, false, false])
    await page.frames()[1]!.evaluate(() => {
      const pad = { connected: true, axes: [0.5, -1], buttons: [{ value: 1 }] } // the machine of a test has none
      navigator.getGamepads = () => [pad as unknown as Gamepad]
    })
    const pads = () => gameOf(page).evaluate(() => gameAPI.gamepads)
    await page.locator('iframe').focus() // a controller plays the game that has the focus, and no other
    await wait(async () => expect(await pads()).toMatchObject([{ axes: [0.5, -1], buttons: [1] }]))

    await write(page, 'client.js', 'const a = 1\nconst b = 2\n  nothing.here()\n')
    await page.keyboard.press('Control+s')
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.getByRole('button', { name: 'Copy for an AI assistant' }).click()
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    for (const part of [
      'nothing is not defined',
      'client.js:3',
      ' 1  const a = 1',
      '>3    nothing.here()',
      'server.js',
    ])
      expect(copied).toContain(part)
    await page.getByRole('button', { name: 'Edit code' }).click()
    await wait(async () => expect(await caret('client.js')).toMatchObject({ line: 3 }))
    await write(page, 'client.js', 'globalThis.edition = 4\n')
    await page.keyboard.press('Control+s')
    await wait(async () => expect(await edition()).toBe(4))
    await wait(async () =>
      expect(
        await page
          .getByRole('alert')
          .getByText(/nothing is not defined/)
          .count(),
      ).toBe(0),
    )
    expect(reloads()).toBe(0)

    await page.reload() // a tab with a seat shows it again
    await drawn(page)
    expect(await meOf(page)).toBe(me)
    await page.getByRole('button', { name: 'Preview' }).click()
    await wait(async () => expect(await page.locator('iframe').count()).toBe(0))
  },
  TIME,
)

it(
  'Stop asks when somebody plays, then gives nobody a seat and says so wherever the game is shown; Start opens it again',
  async () => {
    const game = new URL(page.url()).pathname.split('/').at(-1)!
    await page.getByRole('button', { name: 'Preview' }).click()
    await page.getByText('Running: 1 room, 1 player').waitFor()
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await page.getByRole('button', { name: 'Leave it running' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Stop', exact: true }).click()
    await page.getByText('1 player in 1 room: this room ends now').waitFor()
    await page.getByRole('button', { name: 'Stop the game' }).click()
    await page.getByText('Nobody can play until you start it.').waitFor()
    await page.getByRole('button', { name: 'Preview' }).click()

    const other = await page.context().newPage()
    await other.goto(`${site.url}/studio`)
    await other.getByText('Stopped by you').waitFor()
    await other.goto(`${site.url}/games/${game}`)
    await other.getByRole('button', { name: 'Play', exact: true }).click()
    await other.getByText('The creator of this game has stopped it for now.').waitFor()
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await page.getByText(/^Running: /).waitFor()
    await other.getByRole('button', { name: 'Play', exact: true }).click()
    await drawn(other)
    await other.close()
  },
  TIME,
)

it('all of this needs no exception from the site’s policy, which still refuses what it always refused', async () => {
  expect(await page.locator('.cm-gutters').evaluate((gutters) => getComputedStyle(gutters).display)).toBe('flex')
  expect(refused).toEqual([])
  await page.evaluate(() =>
    document.body.append(Object.assign(document.createElement('style'), { textContent: 'b{}' })),
  )
  await wait(async () => expect(refused).toHaveLength(1))
})
