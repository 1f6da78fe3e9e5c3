// Two machines that know nothing of each other, and the one command that makes their doors open; with the real programs.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readNodes } from '@sandlot/bridge/config.ts'
import { shownBy } from '@sandlot/shared/token.ts'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readConfig } from '../server/config.ts'

const program = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const WEBSITE = program('../enrol/main.ts')
const SANDBOX = program('../../sandbox/enrol/main.ts')
const PLACE = {
  NODE_NAME: 'one',
  CONTROL_URL: 'http://10.77.0.2:4200',
  PLAY_ORIGIN: 'https://play.example',
  SANDBOX_ADDRESS: '10.77.0.2',
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandlot-enrol-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function run(main: string, verb: string, input = '', node = 'one') {
  const env = { ...PLACE, NODE_NAME: node, KEYS: folder, PATH: process.env.PATH }
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', main, verb],
    {
      input,
      env,
      encoding: 'utf8',
    },
  )
  return { status, stdout, stderr }
}
const file = (name: string) => readFileSync(join(folder, name), 'utf8')
const bearer = (token: string) => `Bearer ${token}`

/** Both machines keep their keys in one folder here; no name of one is a name of the other but the public key. */
function enrol(verb: 'offer' | 'rotate') {
  const offered = run(SANDBOX, verb)
  const welcomed = run(WEBSITE, 'accept', offered.stdout)
  expect(run(SANDBOX, 'accept', welcomed.stdout), welcomed.stderr).toMatchObject({ status: 0, stderr: '' })
}

it('after it each machine accepts the token of the other, from the other address alone; after a rotation no old one', () => {
  for (const main of [WEBSITE, SANDBOX]) expect(run(main, 'make')).toMatchObject({ status: 0, stderr: '' })
  const before = file('ticket-key')
  for (const main of [WEBSITE, SANDBOX]) run(main, 'make')
  expect(file('ticket-key')).toBe(before) // a second boot changes nothing
  enrol('offer')

  const [known] = readNodes(join(folder, 'bridge-nodes'))
  expect(known).toMatchObject({ node: 'one' })
  expect([known!.from!('10.77.0.2'), known!.from!('10.77.0.3')]).toEqual([true, false])
  expect(shownBy([known!], bearer(file('bridge-token')))).toBe(known)
  const config = () =>
    readConfig({
      WEBSITE_LISTEN: '127.0.0.1:1',
      DATABASE_URL: 'postgres://x@localhost/x',
      SITE_ORIGIN: 'https://site.example',
      WEB_ROOT: folder,
      TICKET_KEY: join(folder, 'ticket-key'),
      CONTROL_NODES: join(folder, 'control-nodes'),
      AUTH_SECRET: join(folder, 'auth-secret'),
    })
  expect(config().nodes).toEqual([
    { id: 'one', controlUrl: PLACE.CONTROL_URL, playOrigin: PLACE.PLAY_ORIGIN, token: file('control-token') },
  ])
  for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777, name).toBe(0o600)

  const [oldControl, oldBridge] = [file('control-token'), file('bridge-token')]
  enrol('rotate')
  const rotated = readNodes(join(folder, 'bridge-nodes'))
  expect(shownBy(rotated, bearer(oldBridge))).toBeNull()
  expect(shownBy(rotated, bearer(file('bridge-token')))).toMatchObject({ node: 'one' })
  expect(config().nodes).toMatchObject([{ id: 'one', token: file('control-token') }])
  expect(file('control-token')).not.toContain(oldControl)
})

it('what another program prints, or a sandbox of another name, changes nothing', () => {
  run(WEBSITE, 'make')
  run(SANDBOX, 'make')
  const offer = run(SANDBOX, 'offer').stdout
  const all = () => readdirSync(folder).map((name) => [name, file(name)])
  const before = all()
  expect(run(WEBSITE, 'accept', 'Permission denied (publickey).')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/not what .* prints/),
  })
  expect(run(WEBSITE, 'accept', offer, 'two')).toMatchObject({ status: 1, stderr: expect.stringContaining('"one"') })
  expect(run(SANDBOX, 'accept', offer)).toMatchObject({ status: 1 })
  expect(all()).toEqual(before)
})
