// One form of the account page: what it is doing, what was wrong, and that it worked.
import { MAX_NAME_CHARS } from '@sandlot/shared/limits.ts'
import { type AuthResult, type Field, MIN_PASSWORD_CHARS } from '../lib/auth.ts'

export class Form {
  #isSending = $state(false)
  #wrong = $state.raw<{ field: Field; text: string } | null>(null)
  #isDone = $state(false)

  get isSending(): boolean {
    return this.#isSending
  }
  /** What it sent last was taken. */
  get isDone(): boolean {
    return this.#isDone
  }
  /** What stands under this field. A new object each time, so that the same mistake is shown again. */
  wrong(field: Field): { text: string } | null {
    return this.#wrong?.field === field ? this.#wrong : null
  }

  /** True when it was taken. While one is under way, another is not sent. */
  async send(work: () => AuthResult | Promise<AuthResult>): Promise<boolean> {
    if (this.#isSending) return false
    this.#isSending = true
    this.#isDone = false
    this.#wrong = null
    try {
      const result = await work()
      if (!result.ok) this.#wrong = { field: result.field, text: result.text }
      this.#isDone = result.ok
      return result.ok
    } finally {
      this.#isSending = false
    }
  }
}

const refuse = (field: Field, text: string): AuthResult => ({ ok: false, field, text })

/** What is surely wrong, or null when the server should look. */
export const checkName = (name: string): AuthResult | null =>
  name === '' ? refuse('name', `Choose a name of 1 to ${MAX_NAME_CHARS} characters.`) : null

export function checkPasswords(current: string, next: string): AuthResult | null {
  if (current === '') return refuse('password', 'Type the password that you have now.')
  if (next.length < MIN_PASSWORD_CHARS)
    return refuse('new', `The password is too short. Use at least ${MIN_PASSWORD_CHARS} characters.`)
  return next === current ? refuse('new', 'This is the password that you have now. Choose another one.') : null
}
