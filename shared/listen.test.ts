// Servers stop at once, whatever their visitors do.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, createServer as createTcpServer, type Server } from 'node:net'
import { expect, it } from 'vitest'
import { close, listen } from './listen.ts'

const HEAD = 'GET / HTTP/1.1\r\nhost: here\r\n'
const UPGRADE = `${HEAD}connection: Upgrade\r\nupgrade: websocket\r\n\r\n`

/** A visitor who has said `text`, got a first answer and stays. */
async function visit(address: string, text: string) {
  const socket = connect(Number(new URL(address).port), '127.0.0.1').resume()
  socket.on('error', () => {}) // being cut off is what we wait for
  socket.write(text)
  await once(socket, 'data')
  return { gone: once(socket, 'close') }
}

const web = () =>
  createServer((_request, response) => void response.write('the first of much')).on('upgrade', (_request, socket) => {
    socket.on('error', () => {})
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n')
  })

it.for<[string, () => Server, string]>([
  ['an answer under way', web, `${HEAD}\r\n`],
  ['a websocket', web, UPGRADE],
  ['a plain connection', () => createTcpServer((socket) => void socket.on('error', () => {}).write('hello')), ''],
])('a server closes without waiting for %s', async ([, make, text]) => {
  const server = make()
  const visitor = await visit(await listen(server, { host: '127.0.0.1', port: 0 }, 'TEST_LISTEN'), text)
  await close(server)
  await visitor.gone
  expect(server.listening).toBe(false)
})
