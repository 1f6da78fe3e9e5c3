// Who gets a seat: tickets, origins and ended rooms, at the real supervisor's front door and at a game's own socket.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { PROTOCOL_VERSION } from '@sandlot/shared/protocol/codec.ts'
import { newPlayerId, newRoomId } from '@sandlot/shared/random-ids.ts'
import { newTicketKeys, readSigningKey, signTicket } from '@sandlot/shared/ticket.ts'
import { SignJWT } from 'jose'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { temporaryFolder } from '../testing/folder.ts'
import { TestPlayer } from '../testing/host.ts'
import { frontServer } from './front.ts'
import { type TestNode, testNode } from './testing/node.ts'

let node: TestNode
let room: string
beforeAll(async () => {
  node = await testNode()
  await node.game('hello')
  room = await node.room('hello')
})
afterAll(() => node[Symbol.asyncDispose]())

/** Where the runtime's socket would go. */
const door = () => node.frontSocket('hello').replace(/^ws(.*)\/ws$/, 'http$1/')
const codeOf = async (hello: Parameters<typeof TestPlayer.join>[1]) => {
  await using player = await TestPlayer.join(door(), hello)
  return player.closed?.code ?? 'seated'
}
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('tickets', () => {
  it('[CN3] a good ticket takes a seat, once', async () => {
    const ticket = await node.ticket('hello', room)
    expect(await codeOf({ ticket })).toBe('seated')
    expect(await codeOf({ ticket })).toBe(4401)
  })

  it('[CN3] a resume key that nobody was given: 4401', async () => {
    expect(await codeOf({ resume: 's0000000000000000000' })).toBe(4401)
  })

  it('[CN3] none, garbage, expired, for another game, and signed in any other way: 4401', async () => {
    const claims = { game: 'hello', room, player: newPlayerId(), name: 'Eve' }
    const life = { iss: 'sandlot', jti: 'x'.repeat(20), exp: Math.floor(Date.now() / 1000) + 60 }
    const secret = new TextEncoder().encode(node.ticketKey)
    const good = await node.ticket('hello', room)
    const [head, body, signature] = good.split('.') as [string, string, string]
    const stranger = await readSigningKey((await newTicketKeys()).privatePem)
    const tickets: Record<string, string | undefined> = {
      none: undefined,
      garbage: 'x.y.z',
      expired: await node.ticket('hello', room, Date.now() - 120_000),
      'another game': await node.ticket('other', room),
      'a key of their own': await signTicket(stranger, claims),
      'alg none': `${part({ alg: 'none' })}.${part({ ...claims, ...life })}.`,
      'alg none, signed': `${part({ alg: 'none' })}.${body}.${signature}`,
      'the public key as a secret': await new SignJWT({ ...claims, ...life })
        .setProtectedHeader({ alg: 'HS256' })
        .sign(secret), // prettier-ignore
      'another seat': `${head}.${part({ ...claims, ...life })}.${signature}`,
      'no signature': `${head}.${body}.`,
    }
    for (const [what, ticket] of Object.entries(tickets))
      expect([what, await codeOf(ticket ? { ticket } : {})]).toEqual([what, 4401]) // prettier-ignore
    expect(await codeOf({ ticket: good })).toBe('seated') // what was made of it has not used it up
  })

  it('[CN4] of 20 sockets that show one ticket at once exactly one is seated', async () => {
    const ticket = await node.ticket('hello', room)
    const players = await Promise.all(Array.from({ length: 20 }, () => TestPlayer.join(door(), { ticket })))
    expect(players.filter(({ closed }) => !closed)).toHaveLength(1)
    expect(players.filter(({ closed }) => closed?.code === 4401)).toHaveLength(19)
    await Promise.all(players.map((player) => player[Symbol.asyncDispose]()))
  })

  it('in the address a ticket opens nothing; and none is ever in a log', async () => {
    const ticket = await node.ticket('hello', room)
    const socket = new WebSocket(`${node.frontSocket('hello')}?ticket=${ticket}`)
    socket.on('open', () => socket.send(`{"t":"hello","v":${PROTOCOL_VERSION}}`))
    expect((await once(socket, 'close'))[0]).toBe(4401)
    expect(await codeOf({ ticket })).toBe('seated')
    expect(await codeOf({ ticket })).toBe(4401)
    await fetch(`${node.front}/hello/build/${'0'.repeat(32)}/client.js?ticket=${ticket}`)
    expect(node.output).not.toContain(ticket.slice(-40))
    expect(node.output).toContain('hello')
  })
})

describe('a room that is closed', () => {
  it('lets go of its players, and neither their resume keys nor new tickets open it again', async () => {
    const other = await node.room('hello')
    await using player = await TestPlayer.join(door(), { ticket: await node.ticket('hello', other) })
    await using elsewhere = await TestPlayer.join(door(), { ticket: await node.ticket('hello', room) })
    await node.control.rooms.close.mutate({ game: 'hello', room: other })
    expect(await player.until(({ closed }) => closed, 'the player is let go')).toMatchObject({ code: 4410 })
    expect(await codeOf({ resume: player.welcome.resume })).toBe(4401)
    expect(await codeOf({ ticket: await node.ticket('hello', other) })).toBe(4410)
    expect(await codeOf({ ticket: await node.ticket('hello', newRoomId()) })).toBe(4410)
    expect(elsewhere.closed).toBeUndefined()
    expect(await codeOf({ resume: elsewhere.welcome.resume })).toBe('seated')
  })
})

describe('[CN10] the page that asks', () => {
  const from = async (origin: string | undefined, hello: object) => {
    await using player = new TestPlayer(door(), origin === undefined ? {} : { headers: { origin } })
    player.socket.on('open', () => player.socket.send(JSON.stringify({ t: 'hello', v: PROTOCOL_VERSION, ...hello })))
    await player.until(({ state, closed }) => state !== undefined || closed, 'an answer')
    return player.closed?.code ?? 'seated'
  }

  it('of another site is refused, even with a good ticket, which is not used up', async () => {
    const ticket = await node.ticket('hello', room)
    for (const origin of ['https://evil.example', 'http://localhost:4000', 'file://', 'http://127.0.0.1'])
      expect([origin, await from(origin, { ticket })]).toEqual([origin, 1006]) // prettier-ignore
    expect(await from(new URL(node.front).origin, { ticket })).toBe('seated')
  })

  it('with an opaque origin, as the game’s own page and anybody’s sandboxed frame, and a program with none need a ticket', async () => {
    for (const origin of ['null', undefined]) {
      expect(await from(origin, {})).toBe(4401)
      expect(await from(origin, { ticket: await node.ticket('hello', room) })).toBe('seated')
    }
  })
})

describe('the front door', () => {
  it('[LM6] names the address that connects, and nothing that it claims', async () => {
    using folder = temporaryFolder()
    const playSocket = join(folder.path, 'play')
    const seen: unknown[] = []
    const game = createServer(({ headers }, response) => {
      seen.push([headers['x-forwarded-for'], headers.forwarded])
      response.end('ok')
    })
    const front = frontServer(
      { ready: async () => ({ ok: true, host: { playSocket } as never }) },
      pino({ level: 'silent' }),
    )
    await new Promise<void>((resolve) => game.listen(playSocket, resolve))
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(front.address() as AddressInfo).port}/hello/`
    const headers = { 'x-forwarded-for': '203.0.113.9', forwarded: 'for=203.0.113.9', connection: 'close' }
    expect(await (await fetch(url, { headers })).text()).toBe('ok')
    expect(seen).toEqual([['127.0.0.1', undefined]])
    expect((await fetch(url, { method: 'POST', body: 'GET /other/ HTTP/1.1' })).status).toBe(400)
    expect(seen).toHaveLength(1)
    for (const server of [front, game]) {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  })
})
