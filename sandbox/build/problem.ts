// A build that cannot be made, with the place in the creator's files.
import { MAX_PATH_LENGTH } from '@sandlot/shared/limits.ts'
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

/** As a creator reads it: sources can make any part of a message as long as they are. */
export function clip({ message, file, stack, ...at }: CodeProblem): CodeProblem {
  return {
    ...at,
    message: message.slice(0, 2_000),
    ...(file !== undefined && { file: file.slice(0, MAX_PATH_LENGTH) }),
    ...(stack !== undefined && { stack: stack.slice(0, 4_000) }),
  }
}
