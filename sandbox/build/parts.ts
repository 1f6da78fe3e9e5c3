// What goes into a build and what comes out, and which file is which: for who runs the code and for who must not.
import type { Manifest } from '@sandlot/shared/manifest.ts'
import type { BuildRecord } from '../host/build.ts'
import { isCode } from './source.ts'

export const MANIFEST = 'game.json'

/** What a build is made of. */
export interface Sources {
  /** Of all files of the game. */
  paths: ReadonlySet<string>
  /** Of those for which `isRead` holds. */
  code: ReadonlyMap<string, Buffer>
}

/** What files become, but for the assets, which stay what they are. */
export interface Compiled<Content = string> extends Pick<BuildRecord, 'server' | 'client'> {
  manifest: Manifest
  /** By path in the build's folder, in the order of `outputPaths`. */
  content: ReadonlyMap<string, Content>
}

/** Whether what is in the file matters to a build, and not only that it is there. */
export const isRead = (path: string): boolean => path === MANIFEST || isCode(path)

/** The files that everything of one side can begin with. */
export const entries = (paths: ReadonlySet<string>, side: 'server' | 'client'): string[] =>
  [`${side}.js`, `${side}.ts`].filter((path) => paths.has(path))

/** The one that it begins with; null: there is none, or it is not clear which. */
export function entryOf(paths: ReadonlySet<string>, side: 'server' | 'client'): string | null {
  const found = entries(paths, side)
  return found.length === 1 ? found[0]! : null
}

/** The files that come out, by path in the build's folder. */
export const outputPaths = ({ server, client }: Pick<BuildRecord, 'server' | 'client'>): string[] => [
  ...(server?.modules ?? []).map((path) => `files/${path}`),
  ...client.modules.flatMap((path) => [`client/${path}`, `client/${path}.map`]),
]
