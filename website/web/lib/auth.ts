// Accounts: e-mail with password, and guests who just want to play. Failures come back as a field and a sentence.
import { MAX_NAME_CHARS } from '@sandlot/shared/limits.ts'
import { createAuthClient } from 'better-auth/client'
import { anonymousClient } from 'better-auth/client/plugins'

const client = createAuthClient({ plugins: [anonymousClient()] })

export const MIN_PASSWORD_CHARS = 8 // what the server asks for
/** `new`: the password that is to be. */
export type Field = 'name' | 'email' | 'password' | 'new' | 'form'
export type AuthResult = { ok: true } | { ok: false; field: Field; text: string }
interface AuthError {
  code?: string | undefined
  message?: string | undefined
  status: number
}

const REFUSALS: Record<string, [Field, string]> = {
  USER_ALREADY_EXISTS: ['email', 'This e-mail has an account already. Sign in instead.'],
  USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL: ['email', 'This e-mail has an account already. Sign in instead.'],
  INVALID_NAME: ['name', `Choose a name of 1 to ${MAX_NAME_CHARS} characters.`],
  INVALID_EMAIL: ['email', 'This is not an e-mail address. Write it like ada@example.org.'],
  INVALID_PASSWORD: ['password', 'This is not your password. Check it and try again.'],
  INVALID_EMAIL_OR_PASSWORD: ['password', 'E-mail and password do not match. Check both and try again.'],
  PASSWORD_TOO_SHORT: ['password', `The password is too short. Use at least ${MIN_PASSWORD_CHARS} characters.`],
  PASSWORD_TOO_LONG: ['password', 'The password is too long. Use at most 128 characters.'],
}

/** What only the server can say in full: who is banned and why, what was deleted. */
const TOLD = new Set(['BANNED', 'GAME_SERVER_AWAY'])
/** Where a form has two passwords, these are about the second. */
const ABOUT_NEW = new Set(['PASSWORD_TOO_SHORT', 'PASSWORD_TOO_LONG'])

/** Turns an answer of the accounts service into what a form shows. `hasNew`: the form asks for a new password, too. */
export function authResult(error: AuthError | null, hasNew = false): AuthResult {
  if (!error) return { ok: true }
  const { code = '' } = error
  const known = REFUSALS[code]
  if (known) return { ok: false, field: hasNew && ABOUT_NEW.has(code) ? 'new' : known[0], text: known[1] }
  if (TOLD.has(code) && error.message) return { ok: false, field: 'form', text: error.message }
  if (error.status === 401) return { ok: false, field: 'form', text: 'You are not signed in any more. Sign in first.' }
  if (error.status === 429) return { ok: false, field: 'form', text: 'Too many tries. Wait a minute, then try again.' }
  if (error.status === 0 || error.status >= 500)
    return { ok: false, field: 'form', text: 'Sandlot cannot be reached. Check your connection, then try again.' }
  return { ok: false, field: 'form', text: error.message || 'That did not work. Check what you entered and try again.' }
}

async function ask(call: () => Promise<{ error: AuthError | null }>, hasNew = false): Promise<AuthResult> {
  try {
    return authResult((await call()).error, hasNew)
  } catch {
    return authResult({ status: 0 }) // the request itself failed: no network
  }
}

export const auth = {
  signUp: (name: string, email: string, password: string) => ask(() => client.signUp.email({ name, email, password })),
  signIn: (email: string, password: string) => ask(() => client.signIn.email({ email, password })),
  signInGuest: () => ask(() => client.signIn.anonymous()),
  signOut: () => ask(() => client.signOut()),
  rename: (name: string) => ask(() => client.updateUser({ name })),
  /** The server ends every other session of theirs. */
  changePassword: (currentPassword: string, newPassword: string) =>
    ask(() => client.changePassword({ currentPassword, newPassword, revokeOtherSessions: true }), true),
  deleteAccount: (password: string) =>
    ask(() => client.$fetch('/delete-account', { method: 'POST', body: { password } })),
}
export type Auth = typeof auth
