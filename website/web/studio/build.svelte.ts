// What the sandbox makes of a game's files: live, down, or the problem in the way. Asked for again and again.
import { ALONE, type Api, type Status } from '../lib/api.ts'
import { explain, type Failure } from '../lib/failure.ts'
import { type Down, downOf } from './down.ts'
import { type LogLine, mergeLog } from './log.ts'

type Studio = Pick<Api, 'studio'>

export type Verdict =
  | { is: 'unknown' }
  | { is: 'unreachable'; text: string }
  /** Nobody can play it, or only after a while; `problem` is what is wrong with its code on top of that. */
  | { is: 'down'; down: Down; why: string | null; problem: Status['problem'] }
  | { is: 'problem'; problem: NonNullable<Status['problem']>; stillLive: boolean }
  | { is: 'live'; build: string; running: boolean }
  | { is: 'building' }

export class Build {
  readonly game: string
  #api: Studio
  #status = $state.raw<Status | null>(null)
  #failure = $state.raw<Failure | null>(null)
  #log = $state.raw<readonly LogLine[] | null>(null)
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
  /** Its last lines, oldest first, as far as its machine or the website knows them; null before the first answer. */
  get log(): readonly LogLine[] | null {
    return this.#log
  }
  get verdict(): Verdict {
    return this.#verdict
  }

  /** Asks once. True when the build or its problem is another one than before: files may have changed on disk. */
  async look(): Promise<boolean> {
    const before = this.#status
    // What the website has kept: from before its machine's memory, and while the machine does not answer.
    const recalled = before && !this.#failure ? null : this.#recall()
    try {
      this.#status = await this.#api.studio.status.query({ game: this.game })
      this.#failure = null
      this.#log = mergeLog(this.#log ?? [], this.#status.log)
    } catch (error) {
      this.#failure = explain(error)
      return false
    } finally {
      await recalled
    }
    return before !== null && sign(before) !== sign(this.#status)
  }

  async #recall(): Promise<void> {
    try {
      const { lines } = await this.#api.studio.log.query({ game: this.game }, ALONE)
      this.#log = mergeLog(lines, this.#log ?? [])
    } catch {
      // The log of before stays; why nothing answers is said by the status.
    }
  }
}

const sign = ({ build, problem }: Status) => JSON.stringify([build, problem])

function verdictOf(status: Status | null, failure: Failure | null): Verdict {
  if (failure) return { is: 'unreachable', text: failure.text }
  if (!status) return { is: 'unknown' }
  const down = downOf(status)
  if (down) return { is: 'down', down, why: status.why, problem: status.problem }
  if (status.problem) return { is: 'problem', problem: status.problem, stillLive: status.build !== null }
  if (status.build) return { is: 'live', build: status.build.slice(0, 7), running: status.state === 'running' }
  return { is: 'building' }
}
