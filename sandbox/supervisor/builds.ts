// A game's builds: made when its folder changes, the last good one remembered, old ones deleted.

import { mkdirSync } from 'node:fs'
import { lstat, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildId } from '@sandlot/shared/ids.ts'
import type { Manifest } from '@sandlot/shared/manifest.ts'
import type { CodeProblem } from '@sandlot/shared/protocol/messages.ts'
import { type BuildResult, sweepDrafts } from '../build/builder.ts'
import { DISK_FULL } from '../build/problem.ts'
import { isDiskFull } from './disk.ts'

const RETRY_MS = 60_000 // what did not work does not work a moment later either, unless the machine was busy
const KEPT = 3 // players of an older build still fetch its files for a moment

export interface Build {
  id: string
  dir: string
}
export type Candidate = Build & { manifest: Manifest }

export interface BuildsOptions {
  /** The creator's folder. */
  source: string
  /** Where builds go: `OUT/<build>/`, and the pointer `OUT/current`. */
  out: string
  make(source: string, out: string): Promise<BuildResult>
  /** Tries a checked build on the running game. A problem: the old build stays. */
  adopt(candidate: Candidate): Promise<CodeProblem | null>
}

export class Builds {
  #options: BuildsOptions
  #current: Build | null = null
  #pointed: string | null = null // the build that the pointer on disk names
  #problem: CodeProblem | null = null
  #work: Promise<void> | null = null
  #again = false
  #failedMs = -Infinity

  private constructor(options: BuildsOptions) {
    this.#options = options
  }

  /** Finds the last good build of an earlier run and removes what that run left half made; makes none yet. */
  static async open(options: BuildsOptions): Promise<Builds> {
    const builds = new Builds(options)
    builds.#makeFolder()
    await sweepDrafts(options.out).catch(ignoreMissing)
    const id = await readFile(join(options.out, 'current'), 'utf8').catch(() => '')
    if (buildId.safeParse(id).success) {
      const dir = join(options.out, id)
      const found = await lstat(dir).catch(() => undefined)
      if (found?.isDirectory()) {
        builds.#current = { id, dir }
        builds.#pointed = id
      }
    }
    return builds
  }

  /** What new rooms get. */
  get current(): Build | null {
    return this.#current
  }

  /** Why the files as they are now are not that build. */
  get problem(): CodeProblem | null {
    return this.#problem
  }

  /** Whether the files as they are now were not built, or not kept, for want of room on the disk. */
  get lacksRoom(): boolean {
    return this.#problem?.message === DISK_FULL || (this.#current !== null && this.#current.id !== this.#pointed)
  }

  /** Builds the folder as it is now. Changes during a build lead to one more; resolves when the last is done. Throws only when the machine fails. */
  update(): Promise<void> {
    this.#again = true
    this.#work ??= this.#run().finally(() => {
      this.#work = null
    })
    return this.#work
  }

  /** For who finds no current build: makes one, or waits for one that is being made. What failed is not tried again before its files change, or for RETRY_MS. */
  async first(): Promise<void> {
    if (this.#work) return this.#work
    if (this.#problem && performance.now() < this.#failedMs + RETRY_MS) return
    await this.update()
  }

  /** Resolves when no build is being made. */
  async idle(): Promise<void> {
    await this.#work?.catch(() => {}) // whoever asked for it hears of it
  }

  async #run(): Promise<void> {
    while (this.#again) {
      this.#again = false
      this.#makeFolder()
      const before = new Set(await readdir(this.#options.out).catch(() => []))
      try {
        const result = await this.#options.make(this.#options.source, this.#options.out)
        this.#problem = result.ok ? await this.#take(result, before.has(result.build)) : result.problem
      } catch (error) {
        if (!isDiskFull(error)) throw error
        this.#problem = { message: DISK_FULL }
      } finally {
        if (this.#problem) this.#failedMs = performance.now()
        await this.#prune()
      }
    }
  }

  /** `isOld`: its files were there before, and rooms or pages of an earlier version may still use them. */
  async #take({ build: id, dir, manifest }: BuildResult & { ok: true }, isOld: boolean): Promise<CodeProblem | null> {
    if (id !== this.#current?.id) {
      const problem = await this.#options.adopt({ id, dir, manifest })
      if (problem) {
        if (!isOld) await rm(dir, { recursive: true, force: true })
        return problem
      }
      this.#current = { id, dir } // before the pointer: rooms run it already, whatever becomes of that
    }
    const now = new Date()
    await utimes(dir, now, now) // its age decides which builds are deleted
    if (id !== this.#pointed) await this.#point(id)
    return null
  }

  async #point(id: string): Promise<void> {
    const pointer = join(this.#options.out, 'current')
    try {
      await writeFile(`${pointer}.new`, id)
      await rename(`${pointer}.new`, pointer)
      this.#pointed = id
    } catch (error) {
      if (!isDiskFull(error)) throw error // else it is written when there is room: see `lacksRoom`
    }
  }

  /** On a full disk there may be none: the build then says so. */
  #makeFolder(): void {
    try {
      mkdirSync(this.#options.out, { recursive: true, mode: 0o750 })
    } catch (error) {
      if (!isDiskFull(error)) throw error
    }
  }

  async #prune(): Promise<void> {
    const aged: { dir: string; at: number }[] = []
    for (const name of await readdir(this.#options.out).catch(() => [])) {
      if (name === this.#current?.id || name === this.#pointed || !buildId.safeParse(name).success) continue
      const dir = join(this.#options.out, name)
      aged.push({ dir, at: (await lstat(dir)).mtimeMs })
    }
    aged.sort((a, b) => b.at - a.at)
    for (const { dir } of aged.slice(KEPT - 1)) await rm(dir, { recursive: true, force: true })
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
