// What the operator reads when the environment is wrong.
import { spawnSync } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { listen } from '@sandlot/shared/listen.ts'
import { expect, it } from 'vitest'
import { gamesFor, readConfig } from './config.ts'
import { newFolder } from './testing/node.ts'

const good = {
  CONTROL_LISTEN: '127.0.0.1:0',
  CONTROL_TOKEN: '/a/token',
  BRIDGE_URL: 'http://127.0.0.1:4003',
  BRIDGE_TOKEN: '/b/token',
  SANDBOX_DATA: '/data',
  TICKET_KEY: '/key.pem',
  SITE_ORIGIN: 'http://localhost:4000',
}

it('a complete environment is read; what is optional is null', () => {
  expect(readConfig(good)).toMatchObject({ control: { host: '127.0.0.1', port: 0 }, front: null, sftpPort: null })
  const more = { ...good, CONTROL_LISTEN: 'unix:/run/control', FRONT_LISTEN: '[::1]:4001', SFTP_PORT: '4022' }
  expect(readConfig(more)).toMatchObject({
    control: { path: '/run/control' },
    front: { host: '::1', port: 4001 },
    sftpPort: 4022,
  })
})

it('as many games may run as the machine has memory for, or as the operator says', () => {
  expect(gamesFor(4 * 2 ** 30)).toBe(32)
  expect(gamesFor(2 ** 20)).toBe(4)
  expect(readConfig(good).runningGames).toBe(gamesFor(totalmem()))
  expect(readConfig({ ...good, RUNNING_GAMES: '7' }).runningGames).toBe(7)
  expect(() => readConfig({ ...good, RUNNING_GAMES: '0' })).toThrow('RUNNING_GAMES')
})

it('all names that are missing or malformed are said at once, and no value', () => {
  const bad = {
    ...good,
    CONTROL_LISTEN: 'somewhere',
    BRIDGE_URL: 'ftp://secret',
    SITE_ORIGIN: 'http://a/b',
    SFTP_PORT: 'x',
  }
  expect(() => readConfig(bad)).toThrow(
    'Config: CONTROL_LISTEN, BRIDGE_URL, SITE_ORIGIN, SFTP_PORT missing or malformed',
  )
  expect(() => readConfig({})).toThrow('SANDBOX_DATA')
})

it('a data folder too deep for unix sockets is said to be so', () => {
  expect(() => readConfig({ ...good, SANDBOX_DATA: `/${'x'.repeat(100)}` })).toThrow('bytes too long')
  expect(readConfig({ ...good, SANDBOX_DATA: `/${'x'.repeat(60)}` }).data).toHaveLength(61)
})

it('a key or token that cannot be read stops the program with one sentence', () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'token'), 'secret')
  const run = (env: Record<string, string>) =>
    spawnSync(process.execPath, [fileURLToPath(new URL('./main.ts', import.meta.url))], {
      env: { ...good, SANDBOX_DATA: folder, CONTROL_TOKEN: join(folder, 'token'), ...env },
      encoding: 'utf8',
    })
  const missing = run({})
  expect(missing.status).toBe(1)
  expect(missing.stderr).toBe('BRIDGE_TOKEN must name a readable file that is not empty.\n')
  const token = join(folder, 'token')
  expect(run({ BRIDGE_TOKEN: token, TICKET_KEY: token }).stderr).toBe(
    'TICKET_KEY must name a file with an Ed25519 public key in PEM.\n',
  )
  rmSync(folder, { recursive: true })
})

it('an address that is taken is named', async () => {
  const first = createServer()
  const where = await listen(first, { host: '127.0.0.1', port: 0 }, 'FRONT_LISTEN')
  const port = Number(new URL(where).port)
  await expect(listen(createServer(), { host: '127.0.0.1', port }, 'FRONT_LISTEN')).rejects.toThrow(
    `Cannot listen on 127.0.0.1:${port}: something else listens there already. Choose another address in FRONT_LISTEN.`,
  )
  first.close()
})
