// Once a run: a folder for the tests' Postgres, which the first file that needs a database starts. Stops it at the end.
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { stopPostgres } from '../db/embedded.ts'
import { dropTemplate } from './server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where test files of one run meet: the server's data, its address, and what was kept. */
    databaseFolder: string
  }
}

const PREFIX = 'sandlot-test-'

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweep()
  const folder = await mkdtemp(join(tmpdir(), PREFIX))
  await writeFile(join(folder, 'run'), String(process.pid))
  project.provide('databaseFolder', folder)
  return async () => {
    await dropTemplate(folder)
    await finish(folder)
  }
}

/** Stops the server; its data stays only when a failed test asked for that. */
async function finish(folder: string): Promise<void> {
  await stopPostgres(join(folder, 'postgres'))
  if (!existsSync(join(folder, 'kept'))) await rm(folder, { recursive: true, force: true })
}

/** Ends what runs that were killed have left running. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue
    const folder = join(tmpdir(), name)
    const pid = Number(await readFile(join(folder, 'run'), 'utf8').catch(() => 0))
    if (pid > 1 && !isAlive(pid) && !existsSync(join(folder, 'kept'))) await finish(folder).catch(() => {}) // another user's leftovers are theirs to remove
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' // somebody else's process is a process too
  }
}
