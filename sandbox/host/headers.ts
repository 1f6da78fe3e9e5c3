// The address a game is reached at, and the headers that make its page powerless.
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import { MAX_HEADERS } from '@sandlot/shared/limits.ts'

/** Where browsers see this host: `http://localhost:9000/` alone, `https://play.example/pong/` behind a front door. */
export interface Base {
  url: string
  origin: string
  socketUrl: string
}

const HOST = /^(?:[a-zA-Z0-9.-]{1,253}|\[[0-9a-fA-F:]{2,45}\])(?::\d{1,5})?$/
const PREFIX = /^(?:\/[a-z0-9-]{1,40})?$/

/** The base of a request, or undefined when its headers make no address. `behindProxy`: X-Forwarded-* come from our own front door. */
export function baseOf(request: IncomingMessage, behindProxy: boolean): Base | undefined {
  const header = (name: string): string => String(request.headers[name] ?? '')
  const host = (behindProxy && header('x-forwarded-host')) || header('host')
  const secure = behindProxy && header('x-forwarded-proto') === 'https'
  const prefix = behindProxy ? header('x-forwarded-prefix') : ''
  if (!HOST.test(host) || !PREFIX.test(prefix)) return undefined
  const url = `${secure ? 'https' : 'http'}://${host}${prefix}/`
  if (!URL.canParse(url)) return undefined // a port over 65535, say
  return {
    url,
    origin: new URL(url).origin,
    socketUrl: `${secure ? 'wss' : 'ws'}://${host}${prefix}/ws`,
  }
}

/**
 * Who asks: the peer, or behind our own front door whom it names. That is the last address of X-Forwarded-For; what stands before it
 * was claimed by others. Undefined: nobody is named, so it is a program of this machine that may use the unix socket itself.
 */
export function addressOf(request: IncomingMessage, behindProxy: boolean): string | undefined {
  if (!behindProxy) return request.socket.remoteAddress
  const named = request.headers['x-forwarded-for']
  if (named === undefined) return undefined
  const last = String(named).split(',').at(-1)!.trim()
  return isIP(last) ? last : 'unreadable' // all of those together are one client
}

/** Whether a request has no more headers than a browser sends, and no body: nothing here takes one. */
export const isPlainRequest = ({ rawHeaders, headers }: IncomingMessage): boolean =>
  rawHeaders.length <= 2 * MAX_HEADERS &&
  headers['transfer-encoding'] === undefined &&
  (headers['content-length'] ?? '0') === '0'

const DENIED = [
  'accelerometer',
  'autoplay',
  'camera',
  'clipboard-read',
  'clipboard-write',
  'display-capture',
  'encrypted-media',
  'fullscreen',
  'geolocation',
  'gyroscope',
  'hid',
  'idle-detection',
  'local-fonts',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'picture-in-picture',
  'publickey-credentials-get',
  'screen-wake-lock',
  'serial',
  'storage-access',
  'usb',
  'window-management',
  'xr-spatial-tracking',
] // prettier-ignore

/** Headers of every answer: nothing is sniffed, stored by others, or allowed to the page. */
export const COMMON_HEADERS: Record<string, string> = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'cross-origin', // the page that asks has an opaque origin
  'Permissions-Policy': DENIED.map((feature) => `${feature}=()`).join(', '),
}

/** The policy of the game's page. `frameAncestors`: the site that may embed it, or 'none'. */
export function contentSecurityPolicy({ url, socketUrl }: Base, frameAncestors: string): string {
  return [
    "default-src 'none'",
    `script-src ${url}runtime/ ${url}build/`,
    'worker-src blob:',
    `connect-src ${socketUrl} ${url}build/ ${url}runtime/`,
    `img-src ${url}build/ data: blob:`,
    `media-src ${url}build/ blob:`,
    "style-src 'unsafe-inline'", // Phaser sizes its canvas by style
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${frameAncestors}`,
    'sandbox allow-scripts',
  ].join('; ')
}
