// What the rig has started or made goes when its process ends, however that happens: by itself, by a signal, or by an error that nobody
// caught. Only SIGKILL leaves something behind.
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const children = new Set<ChildProcess>()
const folders = new Set<string>()

process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  for (const folder of folders) erase(folder)
})

/** The child, which from now on does not outlive this process. */
export function mortal<T extends ChildProcess>(child: T): T {
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}

/** A new temporary folder, which does not outlive this process. `remove` takes it away earlier. */
export function ownFolder(name: string): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), `${name}-`))
  folders.add(path)
  const remove = () => {
    erase(path)
    folders.delete(path)
  }
  return { path, remove }
}

/**
 * From now on a signal, or the end of whoever reads what is said, empties the stack in order and then ends the process with 1; a second one
 * ends it at once. What was about to be put on the stack goes with the process.
 */
export function endOnSignals(stack: AsyncDisposableStack): void {
  let isEnding = false
  const end = (why: string) => {
    if (isEnding) process.exit(1)
    isEnding = true
    process.stderr.write(`Ended by ${why}.\n`)
    stack
      .disposeAsync()
      .catch((error: Error) => process.stderr.write(`${error.message}\n`))
      .finally(() => process.exit(1))
  }
  for (const signal of SIGNALS) process.on(signal, end)
  process.stdout.on('error', () => {
    if (!isEnding) end('the end of its reader')
  })
}

/** Those that are being killed may write a last file. */
const erase = (path: string) => rmSync(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
