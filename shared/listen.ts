// Listens where the configuration says, and says where that turned out to be. For servers on Node only.
import { chmodSync, rmSync } from 'node:fs'
import type { Server, Socket } from 'node:net'
import { z } from 'zod'

/** Where to listen: a TCP port (0: any free one) or a unix socket. */
export type Address = { host: string; port: number } | { path: string }

/** `unix:/PATH`, `HOST:PORT` or `[HOST]:PORT`. */
export const address = z
  .string()
  .regex(/^(unix:\/.+|[^:\s]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5})$/)
  .transform((text): Address => {
    if (text.startsWith('unix:')) return { path: text.slice('unix:'.length) }
    const colon = text.lastIndexOf(':')
    return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) }
  })
  .refine((where) => 'path' in where || where.port <= 65_535)

const openSockets = new WeakMap<Server, Set<Socket>>()

/** Resolves with `http://HOST:PORT` or `unix:PATH`. `name` is the setting that an error tells the operator to change. */
export async function listen(server: Server, where: Address, name: string): Promise<string> {
  const sockets = new Set<Socket>()
  openSockets.set(server, sockets)
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  if ('path' in where) rmSync(where.path, { force: true }) // left by a process that was killed
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(where, () => {
        server.off('error', reject)
        resolve()
      })
    })
  } catch (error) {
    const text = 'path' in where ? where.path : `${where.host}:${where.port}`
    const { code } = error as NodeJS.ErrnoException
    const hint = code === 'EADDRINUSE' ? 'something else listens there already' : code
    throw new Error(`Cannot listen on ${text}: ${hint}. Choose another address in ${name}.`, { cause: error })
  }
  const bound = server.address()
  if (typeof bound === 'string') {
    chmodSync(bound, 0o660)
    return `unix:${bound}`
  }
  const host = bound!.family === 'IPv6' ? `[${bound!.address}]` : bound!.address
  return `http://${host}:${bound!.port}`
}

/** Stops what `listen` began and ends every connection, in use or not, upgraded ones too: those a server of HTTP waits for. */
export function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    for (const socket of openSockets.get(server) ?? []) socket.destroy()
  })
}
