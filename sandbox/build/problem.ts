// A build that cannot be made, with the place in the creator's files.
import type { CodeProblem } from '@sandlot/shared/protocol/messages.ts'

export class BuildError extends Error {
  problem: CodeProblem
  constructor(problem: CodeProblem) {
    super(problem.message)
    this.problem = problem
  }
}
