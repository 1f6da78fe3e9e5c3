// The control door, called as a stranger and as the website.
import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { TRPCClientError } from '@trpc/client'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { controlRouter } from './router.ts'
import { controlClient, type TestNode, testNode } from './testing/node.ts'

let node: TestNode
beforeAll(async () => {
  node = await testNode()
  await node.game('hello')
})
afterAll(() => node[Symbol.asyncDispose]())

const call = (path: string, body: string, headers: Record<string, string> = {}) =>
  fetch(`${node.controlUrl}/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  })
const authorized = { authorization: 'Bearer control-token-of-the-tests' }

/** The status of the answer to a call that says how long its body will be, and has sent nothing of it yet. */
async function answerTo(path: string, length: number): Promise<number | undefined> {
  const headers = { ...authorized, 'content-type': 'application/json', 'content-length': length }
  const asked = request(`${node.controlUrl}/${path}`, { method: 'POST', headers })
  asked.flushHeaders()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  asked.on('error', () => {}).destroy()
  return answer.statusCode
}

describe('the control door', () => {
  it('opens no procedure to a caller without the token, and every one of them to the website', async () => {
    const procedures = Object.entries(
      controlRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>,
    )
    expect(procedures.length).toBeGreaterThan(10)
    for (const [path, { _def }] of procedures) {
      const ask = (headers: Record<string, string>) =>
        _def.type === 'query' ? fetch(`${node.controlUrl}/${path}`, { headers }) : call(path, '{}', headers)
      expect((await ask({})).status, path).toBe(401)
      expect((await ask({ authorization: 'Bearer wrong' })).status, path).toBe(401)
      expect((await ask(authorized)).status, path).not.toBe(401)
    }
    await expect(controlClient(node.controlUrl, 'wrong').games.list.query()).rejects.toThrow(TRPCClientError)
    expect(await node.control.games.list.query()).toMatchObject([{ game: 'hello' }])
  })

  it('answers no malformed call with 500, whatever it is', async () => {
    const paths = Object.keys(controlRouter._def.procedures as object)
    let calls = 0
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths, 'nothing', '../x'), fc.json(), async (path, body) => {
        calls++
        expect((await call(path, body, authorized)).status, `${path} ${body}`).not.toBe(500)
      }),
      { numRuns: 300 },
    )
    expect(calls).toBe(300)
  })

  it('takes one call a request, and no body over the limit', async () => {
    expect((await call('games.list,games.list?batch=1', '{}', authorized)).status).toBe(400)
    expect(await answerTo('files.write', 9 * 1024 * 1024)).toBe(413)
  })

  it('refuses a path that leaves the folder or is hidden; a path inside it works', async () => {
    for (const path of ['../hello/server.js', '/etc/passwd', 'a/../../b', '.ssh/keys', 'a//b', 'a\\b', 'a\0b', '']) {
      const read = node.control.files.read.query({ game: 'hello', path })
      await expect(read, path).rejects.toMatchObject({ data: { code: 'BAD_REQUEST' } })
    }
    expect(await node.control.files.read.query({ game: 'hello', path: 'server.js' })).toMatchObject({ ok: true })
  })

  it('keeps our internals to itself when something breaks', async () => {
    const make = JSON.stringify({ game: 'broken', owner: 'u1', template: 'pong', title: 'Broken' })
    rmSync(join(node.data, 'tmp'), { recursive: true })
    const broken = await call('games.create', make, authorized)
    expect(broken.status).toBe(500)
    const text = await broken.text()
    expect(text).toContain('Its log says why')
    expect(text).not.toMatch(/ENOENT|tmp|node_modules|at \w+ \(/)
    mkdirSync(join(node.data, 'tmp'))
    expect((await call('games.create', make, authorized)).status).toBe(200)
  })

  it('makes a game once, from a template, with its title; and removes it with all its files', async () => {
    const make = () =>
      node.control.games.create.mutate({ game: 'mine', owner: 'u1', template: 'pong', title: 'My pong' })
    expect(await make()).toEqual({ ok: true })
    expect(await make()).toEqual({ ok: false, reason: 'exists' })
    const manifest = await node.control.files.read.query({ game: 'mine', path: 'game.json' })
    expect(manifest.ok && JSON.parse(manifest.file.content)).toMatchObject({ title: 'My pong', players: { max: 2 } })
    await node.room('mine')
    expect(await node.control.games.remove.mutate({ game: 'mine' })).toEqual({ ok: true })
    expect(await node.control.games.remove.mutate({ game: 'mine' })).toEqual({ ok: false, reason: 'no-such-game' })
    expect(await node.control.files.list.query({ game: 'mine' })).toEqual({ ok: false, reason: 'no-such-game' })
    expect(await make()).toEqual({ ok: true })
  })
})
