// A real game host on a folder that the test writes, behind a wire that the test can cut.
import { once } from 'node:events'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { temporaryFolder, writeBuild } from '../../testing/folder.ts'
import { startHost } from '../../testing/host.ts'
import { HostedGame } from '../../testing/hosted.ts'

export interface WiredHost extends AsyncDisposable {
  /** The game's page. */
  url: string
  /** All that the host has printed. */
  output(): string
  /** Puts `content` in place of the file. */
  save(file: string, content: string | Uint8Array): Promise<void>
  /** Breaks every connection there is; new ones are let through. */
  cut(): void
  /** Nothing more comes through the connections there are, and neither end is told; new ones are let through. */
  mute(): void
}

let starting: Promise<unknown> = Promise.resolve()

/**
 * Starts `sandlot-host` with `files` as its folder; ready when it serves. Further `args` are passed on. Of tests that run at once one starts
 * after the other: each start keeps a core busy.
 */
export function startWired(files: Record<string, string | Uint8Array>, ...args: string[]): Promise<WiredHost> {
  const started = starting.then(() => start(files, args))
  starting = started.catch(() => {})
  return started
}

async function start(files: Record<string, string | Uint8Array>, args: string[]): Promise<WiredHost> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'sandlot-browser-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const scratch = await mkdtemp(join(tmpdir(), 'sandlot-browser-'))
  stack.defer(() => rm(scratch, { recursive: true, force: true }))
  // In one step: on a busy machine a file that is written in place is built while it is still empty.
  const save = async (file: string, content: string | Uint8Array) => {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(scratch, 'new'), content)
    await rename(join(scratch, 'new'), join(folder, file))
  }
  for (const [file, content] of Object.entries(files)) await save(file, content)
  const host = stack.use(await startHost(folder, ...args))
  const { hostname, port } = new URL(host.url)
  const { url, cut, mute } = stack.use(await openWire(() => connect(Number(port), hostname)))
  const all = stack.move()
  return {
    url,
    output: host.output,
    save,
    cut,
    mute,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}

/**
 * A host as a supervisor runs it, for which players need tickets, with a build of `files`; `site` may embed its page. `ticket` makes a room
 * and lets one player in there.
 */
export async function startTicketed(
  files: Record<string, string>,
  site: string,
): Promise<Pick<WiredHost, 'url'> & AsyncDisposable & { ticket(): Promise<string> }> {
  await using stack = new AsyncDisposableStack()
  const builds = stack.use(temporaryFolder())
  const host = stack.use(await HostedGame.start(writeBuild(files, builds.path), {}, [], site))
  const { url } = stack.use(await openWire(() => connect(host.playSocket)))
  const all = stack.move()
  return { url, ticket: () => host.ticket(), [Symbol.asyncDispose]: () => all.disposeAsync() }
}

/** A port of this machine, each connection of which is led on to a new one of `reach`. */
async function openWire(reach: () => Socket) {
  const sockets = new Map<Socket, Socket>() // near to far
  const wire = createServer((near) => {
    const far = reach()
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.pipe(other)
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
    sockets.set(near, far)
    near.on('close', () => sockets.delete(near))
  })
  const cut = () => {
    for (const socket of sockets.keys()) socket.destroy()
  }
  const mute = () => {
    for (const pair of sockets) for (const socket of pair) socket.unpipe().pause()
  }
  wire.listen(0, 'localhost')
  await once(wire, 'listening')
  return {
    url: `http://localhost:${(wire.address() as AddressInfo).port}/`,
    cut,
    mute,
    [Symbol.asyncDispose]() {
      cut()
      return new Promise<void>((done) => wire.close(() => done()))
    },
  }
}
