// What both sign forms decide without the server: where to go afterwards, and what is surely wrong.
import type { AuthResult } from '../lib/auth.ts'
import { MIN_PASSWORD_CHARS } from '../lib/auth.ts'

/** The page to return to: a path of this site, never another site that a link smuggled in. */
export function backOf(value: unknown): string {
  const path = String(value ?? '')
  return /^\/(?![/\\])[^\p{Cc}]*$/u.test(path) && !path.startsWith('/sign-') ? path : '/'
}

/** The first field that cannot be right, or null when the server should look. */
export function checkSign(
  mode: 'in' | 'up',
  { name, email, password }: { name: string; email: string; password: string },
): AuthResult | null {
  if (mode === 'up' && name === '') return { ok: false, field: 'name', text: 'Type the name that other players see.' }
  if (!/^[^\s@]+@[^\s@]+$/.test(email))
    return { ok: false, field: 'email', text: 'This is not an e-mail address. Write it like ada@example.org.' }
  if (password === '') return { ok: false, field: 'password', text: 'Type your password.' }
  if (mode === 'up' && password.length < MIN_PASSWORD_CHARS) {
    const text = `The password is too short. Use at least ${MIN_PASSWORD_CHARS} characters.`
    return { ok: false, field: 'password', text }
  }
  return null
}
