// Reads the folder of one checked build, as sandbox/build wrote it.
import { readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { Manifest } from '@sandlot/shared/manifest.ts'
import type { ClientBuild } from '@sandlot/shared/protocol/messages.ts'
import type { ServerCode } from './isolate.ts'

/** build.json: what a build consists of. The files of the server and the assets are in its folder `files`, those of the client in `client`. */
export interface BuildRecord {
  build: string
  manifest: Manifest
  /** Null: a game without server.js. */
  server: { entry: string; modules: string[]; stateless: boolean } | null
  client: { entry: string; modules: string[] }
  assets: string[]
}

export interface Build {
  id: string
  manifest: Manifest
  server: ServerCode
  client: ClientBuild
  /** What a browser may fetch, as path inside the game, with its absolute file and media type. */
  publicFiles: ReadonlyMap<string, { file: string; type: string }>
}

const IMAGES = new Map([
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.jpg', 'image/jpeg'],
  ['.jpeg', 'image/jpeg'],
  ['.webp', 'image/webp'],
  ['.gif', 'image/gif'],
])
const SOUNDS = new Map([
  ['.mp3', 'audio/mpeg'],
  ['.ogg', 'audio/ogg'],
  ['.wav', 'audio/wav'],
  ['.m4a', 'audio/mp4'],
])
const OTHER = new Map([['.json', 'application/json']])

/** Media type of an asset, or undefined: a file of another kind is not served. */
export const assetType = (path: string): string | undefined => {
  const extension = extname(path).toLowerCase()
  return IMAGES.get(extension) ?? SOUNDS.get(extension) ?? OTHER.get(extension)
}

/** The rules of a game without server.js (relay/main.ts), bundled by `npm run build`. */
const relay = (): ServerCode => ({
  entry: RELAY,
  stateless: true, // its notes are by room
  sources: new Map([[RELAY, readFileSync(new URL('../dist/relay.js', import.meta.url), 'utf8')]]),
})
const RELAY = 'sandlot-relay.js' // no file of a creator: what it logs or throws is known by it

/** Throws when the folder is not a build: the supervisor and the builder are the only ones to name one. */
export function readBuild(dir: string): Build {
  const record: BuildRecord = JSON.parse(readFileSync(join(dir, 'build.json'), 'utf8'))
  return assemble(record, (path) => readFileSync(join(dir, 'files', path), 'utf8'), dir)
}

/** The build of `record`; `source` has the code of a module of its server. Without `dir` there is nothing for a browser to fetch. */
export function assemble(record: BuildRecord, source: (path: string) => string, dir?: string): Build {
  const publicFiles = new Map<string, { file: string; type: string }>()
  const publish = (path: string, folder: 'client' | 'files', type: string | undefined) => {
    if (dir !== undefined && type) publicFiles.set(path, { file: join(dir, folder, path), type })
  }
  for (const path of record.client.modules) {
    publish(path, 'client', 'text/javascript')
    publish(`${path}.map`, 'client', 'application/json')
  }
  const named = (types: Map<string, string>) => {
    const found: Record<string, string> = {}
    for (const path of record.assets) {
      const extension = extname(path).toLowerCase()
      // assets/ship.svg is 'ship', assets/ui/button.png is 'ui/button'
      if (types.has(extension))
        found[path.slice('assets/'.length, -extension.length)] =
          `build/${record.build}/${path.split('/').map(encodeURIComponent).join('/')}`
    }
    return found
  }
  for (const path of record.assets) publish(path, 'files', assetType(path))
  const { title, width, height, background, tickRate } = record.manifest
  return {
    id: record.build,
    manifest: record.manifest,
    server: record.server
      ? {
          entry: record.server.entry,
          stateless: record.server.stateless,
          sources: new Map(record.server.modules.map((path) => [path, source(path)])),
        }
      : relay(),
    client: {
      build: record.build,
      entry: `build/${record.build}/${record.client.entry}`,
      title: title ?? '',
      width,
      height,
      background,
      tickRate,
      relay: record.server === null,
      peers: record.server === null && record.manifest.peerToPeer,
      images: named(IMAGES),
      sounds: named(SOUNDS),
    },
    publicFiles,
  }
}
