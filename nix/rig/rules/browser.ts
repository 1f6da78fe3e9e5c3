// One real browser, through the front doors' TLS: it trusts the two authorities of the rig and nothing else that is wrong.
import { createHash, X509Certificate } from 'node:crypto'
import { connect } from 'node:tls'
import { launchChromium } from '@sandlot/shared/testing/chromium.ts'
import { patient } from '../patience.ts'
import type { Place } from '../visit.ts'
import { eventually, made, type Rule, SITE } from './pair.ts'

const WAIT_MS = 60_000

/** The fingerprint of the key that the place shows, once its certificate was found good. */
const fingerprint = ({ port, host, ca }: Place): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername: host, ca }, () => {
      const { publicKey } = new X509Certificate(socket.getPeerCertificate().raw)
      resolve(
        createHash('sha256')
          .update(publicKey.export({ type: 'spki', format: 'der' }))
          .digest('base64'),
      )
      socket.end()
    })
    socket.on('error', reject)
  })

export const BROWSER: Rule[] = [
  [
    'a person with a browser signs in on the site, presses Play, and moves in the game that the sandbox runs',
    async ({ site, play }) => {
      const names = [site, play].map(({ host, port }) => `MAP ${host}:443 127.0.0.1:${port}`)
      const keys = await Promise.all([site, play].map(fingerprint))
      const browser = await launchChromium(
        `--host-resolver-rules=${names.join(',')},MAP * ~NOTFOUND,EXCLUDE 127.0.0.1`,
        `--ignore-certificate-errors-spki-list=${keys.join(',')}`,
      )
      try {
        const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage()
        page.setDefaultTimeout(patient(WAIT_MS))
        const said: string[] = []
        page.on('console', (message) => message.type() === 'error' && said.push(message.text()))
        await page.goto(`${SITE}/sign-in`)
        await page.getByLabel('E-mail').fill('ada@example.com')
        await page.getByLabel('Password').fill('correct horse battery')
        await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
        await page.getByRole('button', { name: 'Sign out' }).waitFor()
        await page.goto(`${SITE}/games/${made.game}`)
        await page.getByRole('button', { name: 'Play', exact: true }).click()
        const state = async () => {
          const worker = page.workers().at(-1)
          if (!worker) throw new Error(`no game runs on the page: ${said.join('; ')}`)
          return JSON.stringify(await worker.evaluate(() => gameAPI.getState()))
        }
        let before = ''
        await eventually('the game in the browser', async () => {
          before = await state()
          return before.includes('players') || before
        })
        await page.locator('iframe').click()
        await page.keyboard.down('ArrowRight')
        await eventually('the ship to move', async () => (await state()) !== before || before)
        await page.keyboard.up('ArrowRight')
      } finally {
        await browser.close()
      }
    },
  ],
]
