// Accounts: e-mail with password, and guests who just want to play. Failures come back as a field and a sentence.
import { MAX_NAME_CHARS } from '@sandlot/shared/limits.ts'
import { createAuthClient } from 'better-auth/client'
import { anonymousClient } from 'better-auth/client/plugins'

const client = createAuthClient({ plugins: [anonymousClient()] })

export const MIN_PASSWORD_CHARS = 8 // what the server asks for
export type Field = 'name' | 'email' | 'password' | 'form'
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
  INVALID_EMAIL_OR_PASSWORD: ['password', 'E-mail and password do not match. Check both and try again.'],
  PASSWORD_TOO_SHORT: ['password', `The password is too short. Use at least ${MIN_PASSWORD_CHARS} characters.`],
  PASSWORD_TOO_LONG: ['password', 'The password is too long. Use at most 128 characters.'],
}

/** Turns an answer of the accounts service into what a form shows. */
export function authResult(error: AuthError | null): AuthResult {
  if (!error) return { ok: true }
  const known = REFUSALS[error.code ?? '']
  if (known) return { ok: false, field: known[0], text: known[1] }
  if (error.status === 429) return { ok: false, field: 'form', text: 'Too many tries. Wait a minute, then try again.' }
  if (error.status === 0 || error.status >= 500)
    return { ok: false, field: 'form', text: 'Sandlot cannot be reached. Check your connection, then try again.' }
  return { ok: false, field: 'form', text: error.message || 'That did not work. Check what you entered and try again.' }
}

async function ask(call: () => Promise<{ error: AuthError | null }>): Promise<AuthResult> {
  try {
    return authResult((await call()).error)
  } catch {
    return authResult({ status: 0 }) // the request itself failed: no network
  }
}

export const auth = {
  signUp: (name: string, email: string, password: string) => ask(() => client.signUp.email({ name, email, password })),
  signIn: (email: string, password: string) => ask(() => client.signIn.email({ email, password })),
  signInGuest: () => ask(() => client.signIn.anonymous()),
  signOut: () => ask(() => client.signOut()),
}
export type Auth = typeof auth
