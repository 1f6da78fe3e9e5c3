// HTTPS from outside, the way a browser comes: to a port of this machine's loopback, with the name and the authority that the VM has.
import { request } from 'node:https'
import { WebSocket } from 'ws'
import { patient } from './patience.ts'

export interface Place {
  /** Of the loopback, forwarded to the VM's 443. */
  port: number
  /** The name that the VM answers to. */
  host: string
  /** The certificate of its authority, in PEM. */
  ca: string
}

const TIMEOUT_MS = 30_000

/** `fetch` for a place; only what tests need of it. */
export const fetchFrom =
  ({ port, host, ca }: Place): typeof fetch =>
  (input, init = {}) =>
    new Promise((resolve, reject) => {
      const { pathname, search } = new URL(String(input))
      const headers = { ...Object.fromEntries(new Headers(init.headers)), host }
      const options = {
        host: '127.0.0.1',
        port,
        servername: host,
        ca,
        path: pathname + search,
        method: init.method ?? 'GET',
      }
      const asked = request({ ...options, headers, timeout: patient(TIMEOUT_MS) }, (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => {
          const all = new Headers()
          for (let at = 0; at < response.rawHeaders.length; at += 2)
            all.append(response.rawHeaders[at]!, response.rawHeaders[at + 1]!)
          const status = response.statusCode!
          const body = [204, 304].includes(status) ? null : Buffer.concat(chunks)
          resolve(new Response(body, { status, headers: all }))
        })
      })
      asked.on('timeout', () => asked.destroy(new Error(`no answer from ${host} in ${patient(TIMEOUT_MS) / 1000} s`)))
      asked.on('error', reject)
      asked.end(init.body ?? undefined)
    })

export const socketFrom = ({ port, host, ca }: Place, path: string): WebSocket => {
  const options = { servername: host, ca, headers: { host } } // the first is for TLS, which its types leave out
  const socket = new WebSocket(`wss://127.0.0.1:${port}${path}`, options)
  socket.on('error', () => {}) // 'close' follows
  return socket
}
