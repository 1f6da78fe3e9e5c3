// A whole website process for tests: real HTTP, real Postgres, and whatever sandbox nodes the test names.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { COMPILED } from '@sandlot/shared/testing/compiled.ts'
import { newTicketKeys } from '@sandlot/shared/ticket.ts'
import { createTRPCClient, httpLink, type TRPCClient } from '@trpc/client'
import type { AppRouter } from '../server/router.ts'

/** A Node program that has said `ready`. */
export interface Running extends AsyncDisposable {
  child: ChildProcess
  /** All that it has printed, both streams. */
  output(): string
}

const BUSY_MS = 30_000

/** Starts a program of ours and waits until a line of its output matches. */
export async function run(
  program: string,
  env: Record<string, string>,
  ready: RegExp,
): Promise<Running & { match: RegExpExecArray }> {
  const file = fileURLToPath(new URL(`../../${program}`, import.meta.url))
  const child = spawn(process.execPath, [file], {
    env: { PATH: process.env.PATH, ...COMPILED, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'exit')
  let text = ''
  const match = await new Promise<RegExpExecArray>((done, fail) => {
    for (const stream of [child.stdout, child.stderr])
      createInterface(stream).on('line', (line) => {
        text += `${line}\n`
        const found = ready.exec(line)
        if (found) done(found)
      })
    child.once('exit', () => fail(new Error(`${program} ended before it was ready:\n${text}`)))
  })
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
  }
  return { child, match, output: () => text, [Symbol.asyncDispose]: stop }
}

export interface SiteOptions {
  databaseUrl: string
  nodes?: { id: string; controlUrl: string; token: string; playOrigin: string }[]
  /** Where the site's secrets and pages are (see siteFolder); processes that share it are one site. */
  folder: string
  /** A free port, for those who had to know the site's address before it runs. */
  port?: number
  /** Listen here instead, such as `unix:/PATH`. */
  listen?: string
  /** What the site prints when it is as ready as the test needs it. */
  ready?: RegExp
}

/** Secrets and pages of a site, in a folder that site processes can share. */
export async function siteFolder(): Promise<{ folder: string; ticketPublicKey: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'sandlot-site-'))
  const keys = await newTicketKeys()
  await writeFile(join(folder, 'ticket.pem'), keys.privatePem)
  await writeFile(join(folder, 'ticket.pub.pem'), keys.publicPem)
  await writeFile(join(folder, 'secret'), randomBytes(32).toString('hex'))
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Sandlot</title>')
  const remove = () => rm(folder, { recursive: true, force: true })
  return { folder, ticketPublicKey: keys.publicPem, [Symbol.asyncDispose]: remove }
}

/** A person with a browser's cookie jar; `address` is where they connect from. */
export class Visitor {
  readonly origin: string
  readonly address: string
  #cookies = new Map<string, string>()
  readonly api: TRPCClient<AppRouter>

  constructor(origin: string, address = `198.51.100.${1 + Math.floor(Math.random() * 254)}`) {
    this.origin = origin
    this.address = address
    this.api = createTRPCClient<AppRouter>({
      links: [
        httpLink({ url: `${origin}/api/trpc`, fetch: (url, init) => this.fetch(String(url), init as RequestInit) }),
      ],
    })
  }

  /** Like a page of the site would: with its cookies and its origin. */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    headers.set('x-forwarded-for', this.address)
    if (!headers.has('origin')) headers.set('origin', this.origin)
    if (this.#cookies.size > 0)
      headers.set('cookie', [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; '))
    const response = await fetch(new URL(path, this.origin), { ...init, headers, redirect: 'manual' })
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie)!
      if (value === '' || /max-age=0/i.test(cookie)) this.#cookies.delete(name!)
      else this.#cookies.set(name!, value!)
    }
    return response
  }

  async post(path: string, body: unknown): Promise<{ status: number; body: { code?: string; message?: string } }> {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const response = await this.fetch(`/api/auth${path}`, init)
    return { status: response.status, body: await response.json().catch(() => ({})) }
  }

  async signUp(name: string, email = `${name.toLowerCase()}@example.test`, password = 'correct horse'): Promise<this> {
    const answer = await this.post('/sign-up/email', { name, email, password })
    if (answer.status !== 200) throw new Error(`sign-up failed: ${JSON.stringify(answer)}`)
    return this
  }

  /** Tries again, as a person would, while the site says that it is too busy. */
  async beGuest(): Promise<this> {
    const endMs = performance.now() + BUSY_MS
    let answer = await this.post('/sign-in/anonymous', {})
    while (answer.status === 503 && performance.now() < endMs) answer = await this.post('/sign-in/anonymous', {})
    if (answer.status !== 200) throw new Error(`guest sign-in failed: ${JSON.stringify(answer)}`)
    return this
  }
}

export interface TestSite extends Running {
  origin: string
  visitor(): Visitor
}

/** A free port, for a process whose address others must know before it runs. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer().once('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => done(port))
    })
  })
}

/** Starts a website process. */
export async function testSite(options: SiteOptions): Promise<TestSite> {
  const { folder } = options
  const port = options.port ?? (await freePort())
  const origin = `http://127.0.0.1:${port}`
  const nodes = options.nodes ?? [
    { id: 'n1', controlUrl: 'http://127.0.0.1:9', token: 'no-node-listens-here', playOrigin: 'http://localhost:9' },
  ]
  const control = join(folder, `nodes-${port}.json`)
  await writeFile(control, JSON.stringify(nodes))
  const env = {
    WEBSITE_LISTEN: options.listen ?? `127.0.0.1:${port}`,
    DATABASE_URL: options.databaseUrl,
    SITE_ORIGIN: origin,
    TICKET_KEY: join(folder, 'ticket.pem'),
    CONTROL_NODES: control,
    AUTH_SECRET: join(folder, 'secret'),
    WEB_ROOT: folder,
    CONTACT: 'write to ops@site.example',
  }
  const running = await run('website/server/main.ts', env, options.ready ?? /website listening on/)
  return { ...running, origin, visitor: () => new Visitor(origin) }
}
