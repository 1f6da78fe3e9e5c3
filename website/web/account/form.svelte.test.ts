import { expect, it } from 'vitest'
import { type AuthResult, authResult } from '../lib/auth.ts'
import { checkName, checkPasswords, Form } from './form.svelte.ts'

it('a form says under which field something is wrong, forgets it at the next try, and says that it worked', async () => {
  const form = new Form()
  expect(await form.send(() => ({ ok: false, field: 'new', text: 'Too short.' }))).toBe(false)
  expect([form.wrong('new')?.text, form.wrong('password'), form.isDone]).toEqual(['Too short.', null, false])
  expect(await form.send(() => ({ ok: true }))).toBe(true)
  expect([form.wrong('new'), form.isDone, form.isSending]).toEqual([null, true, false])
})

it('a form is sent once, however often it is pressed, and can be sent again when it was answered', async () => {
  const form = new Form()
  const answer = Promise.withResolvers<AuthResult>()
  const first = form.send(() => answer.promise)
  expect(form.isSending).toBe(true)
  expect(await form.send(() => expect.unreachable())).toBe(false)
  answer.resolve({ ok: true })
  expect(await first).toBe(true)
  expect(await form.send(() => ({ ok: true }))).toBe(true)
})

it.each([
  ['', 'long enough', 'password'],
  ['what it was', '1234567', 'new'],
  ['what it was', 'what it was', 'new'],
] as const)('passwords %j and %j are not worth sending', (current, next, field) => {
  expect(checkPasswords(current, next)).toMatchObject({ ok: false, field })
})

it('what may be right is sent', () => {
  expect([checkPasswords('what it was', '12345678'), checkName('A')]).toEqual([null, null])
  expect(checkName('')).toMatchObject({ field: 'name' })
})

it.each([
  [{ code: 'PASSWORD_TOO_SHORT', status: 400 }, 'new', /at least 8/],
  [{ code: 'INVALID_PASSWORD', status: 400 }, 'password', /not your password/],
  [{ code: 'GAME_SERVER_AWAY', status: 503, message: 'Only one of your games was deleted.' }, 'form', /^Only one/],
  [{ code: 'BANNED', status: 403, message: 'This account is banned: spam.' }, 'form', /spam/],
  [{ status: 401 }, 'form', /not signed in any more/],
  [{ status: 503, message: 'stack' }, 'form', /cannot be reached/],
])('the answer %j stands where it belongs', (error, field, text) => {
  expect(authResult(error, true)).toMatchObject({ ok: false, field, text: expect.stringMatching(text) })
})
