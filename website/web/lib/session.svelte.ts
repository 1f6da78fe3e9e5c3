// Who sits in front of this page: nobody yet, a guest, or somebody with an account.
import { type Api, api, type Person } from './api.ts'
import { type Auth, type AuthResult, auth } from './auth.ts'
import { explain, type Failure } from './failure.ts'

type Me = Pick<Api, 'session'>

export class Session {
  #api: Me
  #auth: Auth
  #person = $state.raw<Person | null>(null)
  #loaded = $state(false)
  #failure = $state.raw<Failure | null>(null)

  constructor(deps: { api: Me; auth: Auth }) {
    this.#api = deps.api
    this.#auth = deps.auth
  }

  get person(): Person | null {
    return this.#person
  }
  /** False until the first answer, so that pages draw neither "Sign in" nor a name too early. */
  get loaded(): boolean {
    return this.#loaded
  }
  get failure(): Failure | null {
    return this.#failure
  }
  get isCreator(): boolean {
    return this.#person !== null && !this.#person.guest
  }

  async load(): Promise<void> {
    try {
      this.#person = await this.#api.session.me.query()
      this.#failure = null
    } catch (error) {
      this.#failure = explain(error)
    } finally {
      this.#loaded = true
    }
  }

  /** Makes sure there is somebody to give a seat to; a visitor becomes a guest. */
  async ensurePlayer(): Promise<AuthResult> {
    if (!this.#loaded || this.#failure) await this.load()
    if (this.#person) return { ok: true }
    return this.#after(await this.#auth.signInGuest())
  }
  async signUp(name: string, email: string, password: string): Promise<AuthResult> {
    return this.#after(await this.#auth.signUp(name, email, password))
  }
  async signIn(email: string, password: string): Promise<AuthResult> {
    return this.#after(await this.#auth.signIn(email, password))
  }
  async signOut(): Promise<AuthResult> {
    return this.#after(await this.#auth.signOut())
  }
  async rename(name: string): Promise<AuthResult> {
    return this.#after(await this.#auth.rename(name))
  }
  async changePassword(current: string, next: string): Promise<AuthResult> {
    return this.#after(await this.#auth.changePassword(current, next))
  }
  async deleteAccount(password: string): Promise<AuthResult> {
    return this.#after(await this.#auth.deleteAccount(password))
  }

  async #after(result: AuthResult): Promise<AuthResult> {
    if (result.ok) await this.load()
    return result
  }
}

export const session = new Session({ api, auth })
