// npm run dev as a person uses it: start, stop, start again, and what it says when it cannot.
import { once } from 'node:events'
import { appendFileSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { Visitor } from '../testing/site.ts'
import { dataFolder, freePorts, isAlive, ready, startDev, treeOf, WAIT } from './dev.ts'

const TIME = 120_000

async function signUp(url: string): Promise<Response> {
  return fetch(`${url}/api/auth/sign-up/email`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ name: 'Ada', email: 'ada@example.com', password: 'correct horse' }),
  })
}
const titles = async (url: string): Promise<string[]> => {
  const answer = await fetch(`${url}/api/trpc/games.list?input=${encodeURIComponent('{}')}`)
  const { result } = await answer.json()
  return result.data.games.map(({ title }: { title: string }) => title).sort()
}
/** A game host runs as long as somebody has a seat. */
const play = async (url: string) => (await new Visitor(url).beGuest()).api.rooms.quickPlay.mutate({ game: 'pong' })
const PROGRAMS = ['postgres', 'bridge/main.ts', 'supervisor/main.ts', 'server/main.ts', 'dist/host.js']
const commandsOf = (pids: number[]) => pids.map((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8')).join('\n')
const EXAMPLES = ['Arena', 'Hello', 'Ice sumo', 'Paint', 'Pong', 'Tic-tac-toe']

it(
  'prints one line when it is ready; Ctrl-C stops every child; state survives a restart, and kill -9',
  async () => {
    await using data = await dataFolder()
    const port = await freePorts()

    const first = await ready(startDev(data.path, port))
    expect(first.stdout()).toBe(`Sandlot is ready: http://localhost:${port}\n`)
    expect(await titles(first.url)).toEqual(EXAMPLES) // ready: there is something to play
    expect((await signUp(first.url)).status).toBe(200)
    const client = join(data.path, 'sandbox/games/hello/client.js')
    appendFileSync(client, '// edited\n')
    expect(await play(first.url)).toMatchObject({ ok: true })
    const tree = treeOf(first.child.pid!)
    for (const program of PROGRAMS) expect(commandsOf(tree)).toContain(program)
    first.child.kill('SIGINT')
    expect(await first.exited).toBe(0)
    expect(tree.filter(isAlive)).toEqual([])
    expect(first.stderr()).toBe('')

    const second = await ready(startDev(data.path, port))
    expect(await titles(second.url)).toEqual(EXAMPLES)
    expect((await signUp(second.url)).status).toBe(422) // the account is still there
    expect(readFileSync(client, 'utf8')).toMatch(/\/\/ edited\n$/)
    expect(await play(second.url)).toMatchObject({ ok: true })
    const orphans = treeOf(second.child.pid!)
    for (const program of PROGRAMS) expect(commandsOf(orphans)).toContain(program)
    second.child.kill('SIGKILL')
    await second.exited
    const postgres = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('postgres')
    // The services notice; Postgres is replaced by the next start.
    await vi.waitFor(() => expect(orphans.filter((pid) => isAlive(pid) && !postgres(pid))).toEqual([]), WAIT)

    await using third = await ready(startDev(data.path, port))
    expect(await titles(third.url)).toEqual(EXAMPLES)
    const last = treeOf(third.child.pid!)
    await third[Symbol.asyncDispose]()
    expect([...orphans, ...last].filter(isAlive)).toEqual([])
  },
  TIME,
)

it('a port in use ends with one sentence that names it and the way out', async () => {
  await using data = await dataFolder()
  const port = await freePorts()
  const other = createServer().listen(port + 1, '127.0.0.1')
  await once(other, 'listening')
  const dev = startDev(data.path, port)
  expect(await dev.exited).toBe(1)
  expect(dev.stderr()).toBe(
    `Port ${port + 1} is in use by another program. Choose another, for example: PORT=5000 npm run dev\n`,
  )
  other.close()
})

it('a PORT that is none, and a database that does not answer, end with one sentence', async () => {
  await using data = await dataFolder()
  const bad = startDev(data.path, Number.NaN)
  expect(await bad.exited).toBe(1)
  expect(bad.stderr()).toBe('PORT must be a number from 1 to 65000\n')
  const dev = startDev(data.path, await freePorts(), { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })
  expect(await dev.exited).toBe(1)
  expect(dev.stderr()).toMatch(/^The database of DATABASE_URL cannot be prepared: .*ECONNREFUSED.*\n$/)
})
