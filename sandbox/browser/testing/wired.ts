// A real game host on a folder that the test writes, behind a wire that the test can cut.
import { once } from 'node:events'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { startHost } from '../../testing/host.ts'

export interface WiredHost extends AsyncDisposable {
  /** The game's page. */
  url: string
  /** All that the host has printed. */
  output(): string
  /** Puts `content` in place of the file. */
  save(file: string, content: string | Uint8Array): Promise<void>
  /** Breaks every connection there is; new ones are let through. */
  cut(): void
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

  const sockets = new Set<Socket>()
  const wire = createServer((near) => {
    const far = connect(Number(port), hostname)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.pipe(other)
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
    sockets.add(near)
    near.on('close', () => sockets.delete(near))
  })
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  wire.listen(0, 'localhost')
  await once(wire, 'listening')
  stack.defer(() => {
    cut()
    return new Promise((done) => wire.close(() => done()))
  })
  const all = stack.move()
  return {
    url: `http://localhost:${(wire.address() as AddressInfo).port}/`,
    output: host.output,
    save,
    cut,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
