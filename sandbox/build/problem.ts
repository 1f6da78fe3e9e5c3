// A build that cannot be made, with the place in the creator's files.
import type { CodeProblem } from '@sandlot/shared/protocol/messages.ts'

/** What a creator reads of a version that could not be built. It is tried again: see Supervisor. */
export const DISK_FULL =
  "The game server's disk is full, so this version is not built yet. Its operator can make room; then it is built by itself."

export class BuildError extends Error {
  problem: CodeProblem
  constructor(problem: CodeProblem) {
    super(problem.message)
    this.problem = problem
  }
}
