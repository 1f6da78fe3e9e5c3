// The security headers of every answer. Scripts and styles come from this site alone, frames only from the play origins.
import type { RequestHandler } from 'express'

export function securityHeaders(siteOrigin: string, playOrigins: readonly string[]): RequestHandler {
  const policy = [
    `default-src 'none'`,
    `script-src 'self'`,
    `style-src 'self'`,
    `img-src 'self'`,
    `font-src 'self'`,
    `connect-src 'self'`,
    `manifest-src 'self'`,
    `frame-src ${playOrigins.join(' ')}`,
    `base-uri 'none'`,
    `form-action 'self'`,
    `frame-ancestors 'none'`,
  ].join('; ')
  const headers = {
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'same-origin', // an invite link holds a room's id
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=(), midi=()',
    ...(siteOrigin.startsWith('https:') ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  }
  return (_request, response, next) => {
    response.set(headers)
    next()
  }
}

/** Lets only our own pages change anything: a browser names the page's origin on every POST, and a script cannot forge it. */
export const sameOrigin =
  (siteOrigin: string): RequestHandler =>
  (request, response, next) => {
    const safe = request.method === 'GET' || request.method === 'HEAD'
    if (safe || request.headers.origin === siteOrigin) return next()
    response.status(403).json({ message: `Requests that change something must come from ${siteOrigin}.` })
  }
