// The website is assumed hostile, or somebody else with its token: what the control door gives away when things break, and to whom.
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newRoomId } from '@sandlot/shared/random-ids.ts'
import { INTERNALS } from '@sandlot/shared/testing/fuzz.ts'
import { describe, expect, it } from 'vitest'
import { controlRouter } from './router.ts'
import { TOKEN, testNode } from './testing/node.ts'
import { until } from './testing/until.ts'

const game = 'hello'
const KEY = `ssh-ed25519 ${'A'.repeat(68)} ann@laptop`

/** Every procedure of the door, and a good call of it. */
const CALLS: Record<string, { method: 'GET' | 'POST'; input: unknown }> = {
  'games.create': { method: 'POST', input: { game: 'new', owner: 'u1', template: 'hello', title: 'T' } },
  'games.remove': { method: 'POST', input: { game: 'other' } },
  'games.start': { method: 'POST', input: { game } },
  'games.stop': { method: 'POST', input: { game } },
  'games.list': { method: 'GET', input: undefined },
  'games.status': { method: 'GET', input: { game } },
  'rooms.ensure': { method: 'POST', input: { game, room: newRoomId() } },
  'rooms.close': { method: 'POST', input: { game, room: newRoomId() } },
  'files.list': { method: 'GET', input: { game } },
  'files.read': { method: 'GET', input: { game, path: 'server.js' } },
  'files.write': { method: 'POST', input: { game, path: 'new.js', content: '', encoding: 'utf8', replaces: null } },
  'files.remove': { method: 'POST', input: { game, path: 'server.js', replaces: 'a'.repeat(64) } },
  'sftp.info': { method: 'GET', input: { game } },
  'sftp.setKeys': { method: 'POST', input: { owner: 'u1', games: [game], keys: [KEY], version: 1 } },
}

async function call(url: string, path: string, token = TOKEN): Promise<{ status: number; text: string }> {
  const { method, input } = CALLS[path]!
  const query = method === 'GET' && input ? `?input=${encodeURIComponent(JSON.stringify(input))}` : ''
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  const response = await fetch(`${url}/${path}${query}`, {
    method,
    headers,
    body: method === 'GET' ? null : JSON.stringify(input),
  })
  return { status: response.status, text: await response.text() }
}

it('the list of what the website may call is this one, and nothing is added to it in passing', () => {
  expect(Object.keys(controlRouter._def.procedures).sort()).toEqual(Object.keys(CALLS).sort())
})

it('no procedure tells of our machine when the files are gone under it; each works again when they are back', async () => {
  await using node = await testNode()
  for (const id of [game, 'other']) await node.game('hello', {}, id)
  await until('both builds', () => node.bridge.builds.length === 2)
  const gone = `${node.data}-gone`
  const folders = ['games', 'builds', 'tmp', 'rooms']
  const move = (from: string, to: string) => {
    for (const name of folders) if (existsSync(join(from, name))) renameSync(join(from, name), `${to}-${name}`)
  }
  move(node.data, gone)
  for (const name of folders) writeFileSync(join(node.data, name), 'a file in the way')
  let broken = 0
  for (const path of Object.keys(CALLS)) {
    const { status, text } = await call(node.controlUrl, path)
    if (status >= 500) broken++
    if (status >= 500) expect(text, path).toContain('Its log says why')
    if (status >= 400) expect(text, path).not.toMatch(INTERNALS)
  }
  expect(broken).toBeGreaterThan(0)
  expect(node.output).toMatch(/ENOTDIR|EEXIST/) // the operator reads why
  for (const name of folders) {
    rmSync(join(node.data, name), { recursive: true })
    if (existsSync(`${gone}-${name}`)) renameSync(`${gone}-${name}`, join(node.data, name))
  }
  for (const path of ['files.list', 'files.write', 'games.start', 'rooms.ensure']) // it was stopped, too
    expect((await call(node.controlUrl, path)).text, path).toContain('"ok":true')
})

describe('the token of the website', () => {
  it('is replaced without a gap and without a restart: the new one beside the old, then the new one alone', async () => {
    await using node = await testNode()
    const fresh = 'a-new-control-token'
    const works = async () => {
      const statuses: number[] = []
      for (const token of [TOKEN, fresh]) statuses.push((await call(node.controlUrl, 'games.list', token)).status)
      return statuses
    }
    const use = async (text: string, said: RegExp) => {
      const before = node.output.length
      writeFileSync(join(node.data, 'control-token'), text)
      process.kill(node.pid, 'SIGHUP')
      await until('the new token', () => said.test(node.output.slice(before)))
    }
    expect(await works()).toEqual([200, 401])
    await use(`${fresh}\n${TOKEN}\n`, /CONTROL_TOKEN read again/)
    expect(await works()).toEqual([200, 200])
    await use('\n', /tokens of before stay in force/)
    expect(await works()).toEqual([200, 200])
    await use(`${fresh}\n`, /CONTROL_TOKEN read again/)
    expect(await works()).toEqual([401, 200])
  })

  it('may be bound to where the website is; shown from elsewhere it is worth nothing', async () => {
    await using far = await testNode({ settings: { CONTROL_FROM: '10.1.0.1, fd00::/64' } })
    expect((await call(far.controlUrl, 'games.list')).status).toBe(401)
    await far.stop()
    await using near = await testNode({ settings: { CONTROL_FROM: '10.1.0.1,127.0.0.1' } })
    expect((await call(near.controlUrl, 'games.list')).status).toBe(200)
  })
})
