// A real file system of a few megabytes, to be filled to the last byte. Only root may mount one.
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const CHUNK_BYTES = 4096

export interface SmallDisk extends Disposable {
  folder: string
  /** Takes all the room that is left. */
  fill(): void
  /** Gives it back. */
  free(): void
}

/** Why no such disk can be made here, or null. */
export const noSmallDisk: string | null = (() => {
  if (process.platform !== 'linux') return 'only Linux has tmpfs'
  if (process.getuid?.() !== 0) return 'only root may mount a file system'
  try {
    smallDisk('64k')[Symbol.dispose]()
    return null
  } catch (error) {
    return `a file system cannot be mounted here: ${(error as Error).message}`
  }
})()

/** `size` as mount takes it; `files`: how many files and folders it can hold. */
export function smallDisk(size: string, files = 10_000): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'sandlot-disk-'))
  const run = (...words: string[]) => spawnSync(words[0]!, words.slice(1), { encoding: 'utf8' })
  const { status, stderr, error } = run(
    'mount',
    '-t',
    'tmpfs',
    '-o',
    `size=${size},nr_inodes=${files}`,
    'sandlot',
    folder,
  )
  if (status !== 0) {
    rmdirSync(folder)
    throw new Error(`mount: ${stderr || error?.message}`)
  }
  const ballast = join(folder, 'ballast')
  return {
    folder,
    fill() {
      const file = openSync(ballast, 'a')
      const chunk = Buffer.alloc(CHUNK_BYTES)
      try {
        for (;;) writeSync(file, chunk)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      } finally {
        closeSync(file)
      }
    },
    free: () => rmSync(ballast, { force: true }),
    [Symbol.dispose]() {
      run('umount', '--lazy', folder)
      rmdirSync(folder)
    },
  }
}
