// Starts a creator's folder from one of the example games.
import { cp, lstat, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const EXAMPLES = fileURLToPath(new URL('../examples/', import.meta.url))

/**
 * Makes `folder` from the example `template` with `title` in its game.json. All or nothing: it is put together in `temporary`, a
 * folder on the same file system. False: `folder` is there already.
 */
export async function copyTemplate(
  template: string,
  title: string,
  folder: string,
  temporary: string,
): Promise<boolean> {
  if (await lstat(folder).catch(() => null)) return false
  const draft = await mkdtemp(join(temporary, 'game-'))
  try {
    await cp(join(EXAMPLES, template), draft, { recursive: true })
    const path = join(draft, 'game.json')
    const manifest = JSON.parse(await readFile(path, 'utf8').catch(() => '{}'))
    await writeFile(path, `${JSON.stringify({ ...manifest, title }, null, 2)}\n`)
    await rename(draft, folder)
    return true
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}
