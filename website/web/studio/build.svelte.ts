// What the sandbox makes of a game's files: live, starting, or the problem in the way. Asked for again and again.
import type { Api, Status } from '../lib/api.ts'
import { explain, type Failure } from '../lib/failure.ts'

type Studio = Pick<Api, 'studio'>

export type Verdict =
  | { is: 'unknown' }
  | { is: 'unreachable'; text: string }
  | { is: 'problem'; problem: NonNullable<Status['problem']>; stillLive: boolean }
  | { is: 'live'; build: string; running: boolean }
  | { is: 'building' }

export class Build {
  readonly game: string
  #api: Studio
  #status = $state.raw<Status | null>(null)
  #failure = $state.raw<Failure | null>(null)
  #verdict = $derived(verdictOf(this.#status, this.#failure))

  constructor(deps: { api: Studio; game: string }) {
    this.game = deps.game
    this.#api = deps.api
  }

  get status(): Status | null {
    return this.#status
  }
  get failure(): Failure | null {
    return this.#failure
  }
  get verdict(): Verdict {
    return this.#verdict
  }

  /** Asks once. True when the build or its problem is another one than before: files may have changed on disk. */
  async look(): Promise<boolean> {
    const before = this.#status
    try {
      this.#status = await this.#api.studio.status.query({ game: this.game })
      this.#failure = null
    } catch (error) {
      this.#failure = explain(error)
      return false
    }
    return before !== null && sign(before) !== sign(this.#status)
  }
}

const sign = ({ build, problem }: Status) => JSON.stringify([build, problem])

function verdictOf(status: Status | null, failure: Failure | null): Verdict {
  if (failure) return { is: 'unreachable', text: failure.text }
  if (!status) return { is: 'unknown' }
  if (status.problem) return { is: 'problem', problem: status.problem, stillLive: status.build !== null }
  if (status.build) return { is: 'live', build: status.build.slice(0, 7), running: status.state === 'running' }
  return { is: 'building' }
}
