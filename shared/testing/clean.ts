// For every test file: a folder of its own for temporary files, gone at its end; and no process of ours outlives the file, also when a test
// was cut off by its time limit and never came to its own end.
import { chmodSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { COMPILED } from './compiled.ts'

enableCompileCache(COMPILED.NODE_COMPILE_CACHE) // for what the file is about to load

const before = process.env.TMPDIR
const folder = mkdtempSync(join(tmpdir(), 'sandlot-t-')) // short: paths of unix sockets are
chmodSync(folder, 0o711) // a database may run under another account
process.env.TMPDIR = folder

/** All that this process has started and what those have started, as far as it still runs; none on systems without /proc. */
function descendants(pid: number | 'self'): number[] {
  try {
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    )
    return children.flatMap((child) => [child, ...descendants(child)])
  } catch {
    return [] // it has just ended
  }
}

/** Whether it is a program of ours: another one, such as the database that all files share, has an owner elsewhere. */
function isOurs(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/exe`) === process.execPath
  } catch {
    return false
  }
}

afterAll(() => {
  for (const pid of descendants('self').filter(isOurs)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // it went with its parent
    }
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  if (before === undefined) delete process.env.TMPDIR
  else process.env.TMPDIR = before // the next file may run in this process too
})
