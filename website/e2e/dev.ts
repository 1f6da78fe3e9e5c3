// `npm run dev` as a test starts it: its own port, its own data folder, and a look at all of its processes.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { COMPILED } from '@sandlot/shared/testing/compiled.ts'
import { vi } from 'vitest'

const MAIN = fileURLToPath(new URL('../dev/main.ts', import.meta.url))
export const WAIT = { timeout: 15_000, interval: 20 }

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening') // rejects when the port is taken
  } catch {
    return false
  }
  server.close()
  await once(server, 'close')
  return true
}

/** A port that is free, as are those that `npm run dev` opens beside it. */
export async function freePorts(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000) // below those that the kernel hands out
    if ((await isFree(port)) && (await isFree(port + 1)) && (await isFree(port + 22))) return port
  }
}

export const isAlive = (pid: number): boolean =>
  existsSync(`/proc/${pid}/stat`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))

/** A process and all that it and its children have started. */
export function treeOf(pid: number): number[] {
  const path = `/proc/${pid}/task/${pid}/children`
  if (!existsSync(path)) return []
  const children = readFileSync(path, 'utf8').trim().split(' ').filter(Boolean).map(Number)
  return [pid, ...children.flatMap(treeOf)]
}

export interface Dev extends AsyncDisposable {
  child: ChildProcess
  url: string
  port: number
  /** Its data folder. */
  data: string
  stdout(): string
  stderr(): string
  exited: Promise<number | null>
}

/** Starts `npm run dev`; it may not be ready yet. */
export function startDev(data: string, port: number, env: Record<string, string> = {}): Dev {
  const child = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PORT: String(port),
      SANDLOT_DATA: data,
      ...COMPILED,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
  const exited = once(child, 'close').then(() => child.exitCode)
  return {
    child,
    url: `http://localhost:${port}`,
    port,
    data,
    stdout: () => stdout,
    stderr: () => stderr,
    exited,
    async [Symbol.asyncDispose]() {
      child.kill('SIGINT')
      await exited
    },
  }
}

/** The last lines of every service's log. */
function logsOf(data: string): string {
  const folder = join(data, 'logs')
  if (!existsSync(folder)) return 'no service was started'
  const tail = (name: string) => readFileSync(join(folder, name), 'utf8').split('\n').slice(-8).join('\n')
  return readdirSync(folder)
    .map((name) => `${name}: ${tail(name)}`)
    .join('\n')
}

export async function ready(dev: Dev): Promise<Dev> {
  await vi.waitFor(
    () => {
      if (dev.child.exitCode !== null) throw new Error(`npm run dev has ended: ${dev.stdout()}${dev.stderr()}`)
      if (!dev.stdout().includes('ready'))
        throw new Error(`not ready: ${dev.stdout()}${dev.stderr()}\n${logsOf(dev.data)}`)
    },
    { timeout: 60_000, interval: 50 },
  )
  return dev
}

/** A folder for the data of `npm run dev`. */
export async function dataFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'sandlot-dev-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

/** A site of its own, ready. */
export async function devSite(): Promise<Dev> {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(await dataFolder())
  const dev = stack.use(startDev(folder.path, await freePorts()))
  await ready(dev)
  const all = stack.move()
  return { ...dev, [Symbol.asyncDispose]: () => all.disposeAsync() }
}
