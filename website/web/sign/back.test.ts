import { expect, it } from 'vitest'
import { authResult } from '../lib/auth.ts'
import { backOf, checkSign } from './back.ts'

it.each(['/games/pong', '/studio', '/?q=pong'])('signing in returns to %j', (path) => expect(backOf(path)).toBe(path))
it.each(['https://example.org', '//example.org', '/\\example.org', 'javascript:alert(1)', '', undefined, '/sign-in'])(
  'a link cannot send people to %j after signing in',
  (path) => expect(backOf(path)).toBe('/'),
)

const ada = { name: 'Ada', email: 'ada@example.org', password: 'long enough' }
it('a complete form passes', () => {
  expect(checkSign('up', ada)).toBeNull()
  expect(checkSign('in', { ...ada, name: '' })).toBeNull()
})
it.each([
  ['name', { ...ada, name: '' }],
  ['email', { ...ada, email: 'ada' }],
  ['password', { ...ada, password: '' }],
  ['password', { ...ada, password: 'short' }],
])('a wrong %s is named before anything is sent', (field, values) => {
  expect(checkSign('up', values)).toMatchObject({ ok: false, field })
})

it('a taken e-mail, a wrong password and an unreachable server each stand where they can be mended', () => {
  expect(authResult({ status: 422, code: 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL' })).toMatchObject({ field: 'email' })
  expect(authResult({ status: 401, code: 'INVALID_EMAIL_OR_PASSWORD' })).toMatchObject({ field: 'password' })
  expect(authResult({ status: 0 })).toMatchObject({ field: 'form', text: expect.stringContaining('connection') })
  expect(authResult(null)).toEqual({ ok: true })
})
