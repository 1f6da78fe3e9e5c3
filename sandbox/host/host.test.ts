// The real host as a process: who is let in, what is sent, what happens to those who break the rules.
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { request } from 'node:http'
import { createConnection, createServer } from 'node:net'
import { join } from 'node:path'
import { MESSAGE_BURST, MESSAGES_PER_SECOND, STALL_MS } from '@sandlot/shared/limits.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { gameFolder, temporaryFolder, writeFiles } from '../testing/folder.ts'
import { type HostProcess, spawnHost, startHost, TestPlayer } from '../testing/host.ts'
import { until } from '../testing/until.ts'
import { LAST_SIGNALS } from './flags.ts'
import { readOptions, UsageError } from './options.ts'

const SERVER = `
export const setup = () => ({ n: 0, names: {} })
export const join = (state, player) => { state.names[player.id] = player.name }
export const leave = (state, player) => { delete state.names[player.id] }
export const actions = {
  add(state, player, n) { state.n += n },
  hang() { Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1) },
  end(state, player, data, room) { room.end('over') },
  say(state, player, text, room) { room.log(text) },
}`

let folder: ReturnType<typeof gameFolder>
let host: HostProcess & { url: string }
beforeAll(async () => {
  folder = gameFolder({ 'server.js': SERVER, 'game.json': '{"players":{"max":3}}', 'assets/dot.svg': '<svg/>' })
  host = await startHost(folder.path)
})
afterAll(async () => {
  await host[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const closed = (player: TestPlayer) => player.until(({ closed }) => closed, 'the socket is closed')
async function connected(): Promise<TestPlayer> {
  const player = new TestPlayer(host.url)
  await once(player.socket, 'open')
  return player
}

describe('connecting', () => {
  it('[CN1] anything but hello first closes 4400', async () => {
    await using player = await connected()
    player.act('add', 1)
    expect(await closed(player)).toMatchObject({ code: 4400 })
  })

  it('[CN2] another version of the protocol closes 4426', async () => {
    await using player = await connected()
    player.send({ t: 'hello', v: 99 })
    expect(await closed(player)).toMatchObject({ code: 4426 })
  })

  it('[CN5] without tickets players share rooms until they are full, and see each other', async () => {
    await using one = await TestPlayer.join(host.url, { name: 'Ada' })
    await using two = await TestPlayer.join(host.url)
    await using three = await TestPlayer.join(host.url)
    await using four = await TestPlayer.join(host.url)
    expect(new Set([one, two, three].map(({ welcome }) => welcome.room)).size).toBe(1)
    expect(four.welcome.room).not.toBe(one.welcome.room)
    one.act('add', 5)
    await until(() => [one, two, three].every(({ state }) => (state as { n: number }).n === 5), 'all see the action')
    expect((four.state as { n: number }).n).toBe(0)
    expect((two.state as { names: object }).names).toMatchObject({ [one.id]: 'Ada' })
  })

  it('[CN6][CN7] a dropped player comes back with the resume key to the same seat; the key works once', async () => {
    await using other = await TestPlayer.join(host.url)
    await using player = await TestPlayer.join(host.url)
    player.act('add', 1)
    player.socket.terminate()
    await closed(player)
    await other.until(
      () =>
        other
          .all('players')
          .at(-1)
          ?.p.some(({ connected }) => !connected),
      'others see it gone',
    )
    await using again = await TestPlayer.join(host.url, { resume: player.welcome.resume })
    expect(again.id).toBe(player.id)
    expect(again.welcome.room).toBe(player.welcome.room)
    expect(again.welcome.resume).not.toBe(player.welcome.resume)
    await using stale = await TestPlayer.join(host.url, { resume: player.welcome.resume })
    expect(stale.id).not.toBe(player.id)
  })

  it('[CN8] a second connection to a seat wins, the first closes 4409', async () => {
    await using first = await TestPlayer.join(host.url)
    await using second = await TestPlayer.join(host.url, { resume: first.welcome.resume })
    expect(second.id).toBe(first.id)
    expect(await closed(first)).toMatchObject({ code: 4409 })
    second.act('add', 1)
    await second.until(() => second.all('delta').length > 0, 'the second plays on')
  })

  it('[CN10] a page of another origin is refused; the opaque page, the own address and programs are not', async () => {
    const open = async (headers: Record<string, string>) => {
      const socket = new WebSocket(`${host.url.replace('http', 'ws')}ws`, { headers })
      const [result] = await Promise.race([once(socket, 'open').then(() => ['open']), once(socket, 'error')])
      socket.terminate()
      return String(result)
    }
    expect(await open({ Origin: 'https://evil.example' })).toMatch(/403/)
    expect(await open({ Origin: 'null' })).toBe('open')
    expect(await open({ Origin: new URL(host.url).origin })).toBe('open')
    expect(await open({})).toBe('open')
  })

  it('a player who leaves gives the seat up at once', async () => {
    await using one = await TestPlayer.join(host.url)
    await using two = await TestPlayer.join(host.url)
    two.send({ t: 'leave' })
    expect(await closed(two)).toMatchObject({ code: 1000 })
    await one.until(() => !(two.id in (one.state as { names: object }).names), 'the game has let the player go')
  })

  it('[EN1] nobody takes a seat in an ended room', async () => {
    await using player = await TestPlayer.join(host.url)
    player.act('end')
    expect(await closed(player)).toMatchObject({ code: 4410 })
    expect(player.all('end')).toEqual([{ t: 'end', result: 'over' }])
    await using again = await TestPlayer.join(host.url, { resume: player.welcome.resume })
    expect(again.welcome.room).not.toBe(player.welcome.room)
  })
})

describe('limits', () => {
  const cases: [string, (socket: WebSocket) => void, number][] = [
    [
      '[LM1] a message over 16 KiB closes 1009',
      (socket) => socket.send(`{"t":"act","a":"add","d":"${'x'.repeat(17_000)}"}`),
      1009,
    ],
    ['[LM1] a binary frame closes 4400', (socket) => socket.send(Buffer.from('{"t":"leave"}')), 4400],
    ['[LM2] text that is not JSON closes 4400', (socket) => socket.send('hello'), 4400],
    ['[LM2] an unknown type closes 4400', (socket) => socket.send('{"t":"admin"}'), 4400],
    ['[LM2] a wrong field closes 4400', (socket) => socket.send('{"t":"act","a":{}}'), 4400],
    ['[LM2] a __proto__ key closes 4400', (socket) => socket.send('{"t":"act","a":"add","d":{"__proto__":{}}}'), 4400],
    [
      '[LM2] data nested 100 deep closes 4400',
      (socket) => socket.send(`{"t":"act","a":"add","d":${'['.repeat(100)}${']'.repeat(100)}}`),
      4400,
    ],
    [
      '[LM2] an unmasked frame closes 1002',
      (socket) =>
        (socket as unknown as { _socket: NodeJS.WritableStream })._socket.write(Buffer.from([0x81, 0x01, 0x61])),
      1002,
    ],
    [
      '[LM3] a flood closes 4429',
      (socket) => {
        for (let i = 0; i < MESSAGE_BURST + 20; i++) socket.send('{"t":"act","a":"add","d":0}')
      },
      4429,
    ],
    ...['{"t":"ping","n":1}', '{"t":"away","away":true}', '{"t":"signal","to":"p","d":"x"}'].map(
      (message): [string, (socket: WebSocket) => void, number] => [
        `[LM3] a flood of ${message} closes 4429`,
        (socket) => {
          for (let i = 0; i < MESSAGE_BURST + 20; i++) socket.send(message)
        },
        4429,
      ],
    ),
  ]
  it.concurrent.each(cases)('%s', async (_title, attack, code) => {
    await using bystander = await TestPlayer.join(host.url)
    await using player = await TestPlayer.join(host.url)
    attack(player.socket)
    expect(await closed(player)).toMatchObject({ code })
    const { n } = bystander.state as { n: number }
    bystander.act('add', 1)
    await bystander.until(({ state }) => (state as { n: number }).n > n, 'others play on')
  })

  it('[RT1] a ping is answered with its number', async () => {
    await using player = await TestPlayer.join(host.url)
    for (const n of [1, 2]) player.send({ t: 'ping', n })
    expect(await player.until(() => player.all('pong').length === 2 && player.all('pong'), 'answers')).toEqual([
      { t: 'pong', n: 1 },
      { t: 'pong', n: 2 },
    ])
  })

  it(`[LM3] ${MESSAGE_BURST / 2} messages at once are heard`, async () => {
    await using player = await TestPlayer.join(host.url)
    const before = (player.state as { n: number }).n
    for (let i = 0; i < MESSAGE_BURST / 2; i++) player.act('add', 1)
    await player.until(() => (player.state as { n: number }).n === before + MESSAGE_BURST / 2, 'all are counted')
  })
})

describe('a broken request costs its own connection', () => {
  const upgrade = (headers: string, path = '/ws') =>
    `GET ${path} HTTP/1.1\r\n${headers}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`
  const raw = async (text: string, reset: boolean): Promise<void> => {
    const socket = createConnection(Number(new URL(host.url).port), '127.0.0.1')
    socket.on('error', () => {})
    await once(socket, 'connect')
    socket.write(text)
    if (reset) socket.resetAndDestroy()
    else socket.resume()
    await once(socket, 'close')
  }

  for (const [what, text] of [
    ['a port that is none in Host', upgrade('Host: a:99999\r\nOrigin: http://x')],
    ['brackets that are no address', upgrade('Host: [:::::]\r\nOrigin: http://x')],
    ['another path', upgrade('Host: a', '/nope')],
  ] as const) {
    it(`${what}, also when the peer resets at once`, async () => {
      await using player = await TestPlayer.join(host.url)
      await raw(text, false)
      await Promise.all(Array.from({ length: 30 }, () => raw(text, true)))
      player.act('add', 1)
      await player.until(() => player.all('delta').length > 0, 'the game runs on')
      expect(host.child.exitCode).toBeNull()
    })
  }
})

describe('HTTP', () => {
  const get = async (path: string, init?: RequestInit) => {
    const response = await fetch(new URL(path, host.url), init)
    return { status: response.status, headers: response.headers, text: await response.text() }
  }

  it('the page is opaque, may load only its own runtime and build, and nothing is sniffed', async () => {
    const { status, headers } = await get('/')
    const policy = headers.get('content-security-policy')!
    expect(status).toBe(200)
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain(`script-src ${host.url}runtime/ ${host.url}build/;`)
    expect(policy).toContain('sandbox allow-scripts')
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toMatch(/unsafe-eval|allow-same-origin/)
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('permissions-policy')).toContain('camera=()')
  })

  it('serves client code and assets of the build, and neither server code nor anything outside', async () => {
    await using player = await TestPlayer.join(host.url)
    const { client } = player.welcome
    const code = await get(client.entry)
    expect(code.status).toBe(200)
    expect(code.text).toContain('gameAPI.onState(() => {') // guarded
    const image = await get(client.images.dot!)
    expect(image).toMatchObject({ status: 200, text: '<svg/>' })
    expect(image.headers.get('content-type')).toBe('image/svg+xml')
    expect(image.headers.get('access-control-allow-origin')).toBe('*')
    for (const path of [
      'server.js',
      'build.json',
      '../build.json',
      '%2e%2e/build.json',
      'game.json',
      '..%2f..%2fetc/passwd',
      '%',
    ]) {
      expect((await get(`build/${client.build}/${path}`)).status).toBe(404)
    }
    expect((await get('/', { method: 'POST' })).status).toBe(405)
  })

  it('a malformed Host header never reaches the policy', async () => {
    const status = await new Promise((resolve) => {
      const { port } = new URL(host.url)
      request({ port, host: '127.0.0.1', path: '/', headers: { Host: 'a; script-src *' } }, (response) => {
        response.resume()
        resolve(response.statusCode)
      }).end()
    })
    expect(status).toBe(400)
  })
})

describe('saving', () => {
  it('[SV1][SV2][SV3] a good save reaches connected players, a bad one names its place and changes nothing', async () => {
    using own = gameFolder({ 'server.js': SERVER })
    await using game = await startHost(own.path)
    await using player = await TestPlayer.join(game.url)
    player.act('add', 3)
    await player.until(() => (player.state as { n: number }).n === 3, 'the action counts')
    own.write({ 'server.js': SERVER.replace('state.n += n', 'state.n += n * 10') })
    await player.until(
      () => player.all('build').length === 1 && player.all('full').length === 2,
      'the new build is here',
    )
    player.act('add', 1)
    await player.until(() => (player.state as { n: number }).n === 13, 'the new rule counts on the old state')
    own.write({ 'server.js': 'export const setup = () => ({})\nexport const tick = ) =>' })
    await until(() => /Problem: server\.js:2:\d+ SyntaxError/.test(game.output()), 'the problem is told')
    player.act('add', 1)
    await player.until(() => (player.state as { n: number }).n === 23, 'the game runs on')
    expect(player.closed).toBeUndefined()
    expect(player.all('build')).toHaveLength(1)
  })
})

it('[I42][LM8] what a game says cannot steer the terminal or forge a line there, and is to be read', async () => {
  await using player = await TestPlayer.join(host.url)
  player.act('say', '\u001b[2J\u009b31m\0\u202egnp')
  player.act('say', 'first\r\nr0123456789012345678: second')
  const line = await until(() => /.*r0123456789012345678: second.*/.exec(host.output())?.[0], 'the line is there')
  expect(line).toMatch(/^r[0-9a-v]{19}: first␍⏎r0123456789012345678: second$/)
  expect(host.output()).toContain(': ␛[2J\ufffd31m␀\ufffdgnp\n')
  expect(host.output()).not.toMatch(/[^\P{Cc}\n]|\u202e/u)
})

describe.concurrent('what takes seconds', () => {
  it('[LM3] connecting again gives a player no new allowance', async ({ expect }) => {
    using own = gameFolder({ 'server.js': SERVER })
    await using game = await startHost(own.path)
    await using watcher = await TestPlayer.join(game.url)
    const heard = () => (watcher.state as { n: number }).n
    let hello = {}
    const startMs = performance.now()
    for (let round = 0; round < 4; round++) {
      await using player = await TestPlayer.join(game.url, hello)
      hello = { resume: player.welcome.resume }
      const before = (player.state as { n: number }).n
      for (let i = 0; i < 100; i++) player.act('add', 1)
      await until(() => player.closed || (player.state as { n: number }).n === before + 100, 'all is heard or too much')
    }
    await watcher.until(() => heard() >= 100, 'the first burst counts')
    const seconds = (performance.now() - startMs) / 1_000 // many, on a busy machine
    expect(heard()).toBeLessThanOrEqual(MESSAGE_BURST + MESSAGES_PER_SECOND * seconds)
  })

  it('[CN1] silence closes 4408', async ({ expect }) => {
    await using player = await connected()
    expect(await closed(player)).toMatchObject({ code: 4408 })
  })

  it('a game that cannot start yet waits as long as it takes, and starts when it is mended', async ({ expect }) => {
    using own = gameFolder({ 'server.js': 'export const setup = () => { throw new Error("not yet") }' })
    await using game = await startHost(own.path)
    expect(game.output()).toMatch(/Problem: server\.js:1:\d+ not yet/)
    await new Promise((resolve) => setTimeout(resolve, STALL_MS * 1.5)) // the watchdog must not take the waiting for a stall
    expect(game.child.exitCode).toBeNull()
    own.write({ 'server.js': SERVER })
    await until(() => game.output().includes('is live'), 'the build is live')
    await using player = await TestPlayer.join(game.url)
    expect(player.state).toMatchObject({ n: 0 })
  })

  it('[EN3] a game that cannot start a room closes 4500, and the terminal says why, once', async ({ expect }) => {
    const setup = 'if (Date.now() > 1e9) throw new Error("no luck"); return { n: 0 }' // a build is tried at the time 0
    using own = gameFolder({ 'server.js': `export const setup = () => { ${setup} }` })
    await using game = await startHost(own.path)
    for (let i = 0; i < 2; i++) {
      await using player = await TestPlayer.join(game.url)
      expect(player.closed).toMatchObject({ code: 4500 })
    }
    expect(game.output().match(/^No room could be started: server\.js:1:\d+ no luck$/gm)).toHaveLength(1)
    own.write({ 'server.js': SERVER })
    await until(() => game.output().split('is live').length === 3, 'the next build is live')
    await using player = await TestPlayer.join(game.url)
    expect(player.state).toMatchObject({ n: 0 })
  })

  it('the budgets of a folder’s game are those under the folder’s name', async ({ expect }) => {
    using own = temporaryFolder()
    const budgets = join(own.path, 'budgets.json')
    writeFiles(own.path, {
      'budgets.json': '{"games":{"small":{"rooms":1}}}',
      ...Object.fromEntries(
        ['small', 'other'].flatMap((game) => [
          [`${game}/server.js`, SERVER],
          [`${game}/client.js`, ''],
          [`${game}/game.json`, '{"players":{"max":1}}'],
        ]),
      ),
    })
    const second = async (folder: string) => {
      await using game = await startHost(folder, '--budgets', budgets)
      await using _first = await TestPlayer.join(game.url)
      await using player = await TestPlayer.join(game.url)
      return player.closed?.code ?? 'seated'
    }
    const codes = [second(join(own.path, 'small/.')), second(join(own.path, 'other'))]
    expect(await Promise.all(codes)).toEqual([4500, 'seated'])
  })

  it('a room that cannot be interrupted ends the process, which says why', async ({ expect }) => {
    using own = gameFolder({ 'server.js': SERVER })
    await using game = await startHost(own.path)
    await using player = await TestPlayer.join(game.url)
    const exit = once(game.child, 'exit')
    player.act('hang')
    expect(await exit).toEqual([null, LAST_SIGNALS.silent])
    await until(() => /this process ends: a room did not come back for 1500 ms/.test(game.output()), 'it says why')
  })
})

describe('command line', () => {
  const run = async (...args: string[]) => {
    const host = spawnHost(...args)
    const [code] = await once(host.child, 'close')
    return { code, output: host.output() }
  }
  const cases: [string, string[], RegExp][] = [
    ['no arguments', [], /Say where to listen/],
    ['no folder', ['--listen', '0'], /Name the game folder/],
    ['a folder that is not there', ['/nowhere', '--listen', '0'], /There is no folder "\/nowhere"/],
    ['a file', [new URL(import.meta.url).pathname, '--listen', '0'], /is a file; name the folder/],
    ['two folders', ['/tmp', '/', '--listen', '0'], /Name one game folder, not 2/],
    ['no port', ['/tmp', '--listen', 'http'], /--listen must be a port/],
    ['a port too high', ['/tmp', '--listen', '65536'], /--listen must be a port from 0 to 65535/],
    ['an empty socket path', ['/tmp', '--listen', 'unix:'], /--listen must be unix:PATH/],
    ['a socket path too long', ['/tmp', '--listen', `unix:/tmp/${'x'.repeat(120)}`], /longer than the 107 bytes/],
    ['a socket in no folder', ['/tmp', '--listen', 'unix:/nowhere/s'], /folder of --listen does not exist/],
    ['a supervisor that is no socket', ['--supervisor', '4000', '--listen', '0'], /--supervisor must be unix:PATH/],
    ['a folder and a supervisor', ['/tmp', '--supervisor', 'unix:/tmp/s', '--listen', '0'], /not both/],
    [
      'a key file that is not there',
      ['--supervisor', 'unix:/tmp/s', '--listen', '0', '--ticket-key', '/nowhere'],
      /file of --ticket-key does not exist/,
    ],
    ['tickets for a folder', ['/tmp', '--listen', '0', '--ticket-key', '/etc/hostname'], /Leave out --ticket-key/],
    [
      'budgets beside a supervisor',
      ['--supervisor', 'unix:/tmp/s', '--listen', '0', '--budgets', '/etc/hostname'],
      /Leave out --budgets/,
    ],
    ['a site that is no origin', ['/tmp', '--listen', '0', '--site', 'example.com/x'], /--site must be an origin/],
    ['an unknown option', ['/tmp', '--listen', '0', '--port', '3'], /Unknown option '--port'/],
    ['an option without value', ['/tmp', '--listen'], /argument missing/],
  ]
  for (const [what, args, sentence] of cases) {
    it(`${what} is refused with one clear sentence`, () => {
      let said: unknown
      try {
        readOptions(args)
      } catch (error) {
        said = error
      }
      expect(said).toBeInstanceOf(UsageError)
      expect((said as Error).message).toMatch(sentence)
      expect((said as Error).message.split('\n')).toHaveLength(1)
    })
  }

  it('a key and a supervisor, and a folder with budgets, are taken', () => {
    const supervised = readOptions(['--supervisor', 'unix:/tmp/s', '--listen', '0', '--ticket-key', '/etc/hostname'])
    expect(supervised).toMatchObject({ source: { kind: 'supervisor' }, ticketKey: '/etc/hostname' })
    const alone = readOptions(['/tmp', '--listen', '0', '--budgets', '/etc/hostname'])
    expect(alone).toMatchObject({ source: { kind: 'folder' }, budgets: '/etc/hostname' })
  })

  it('a key file that is no key ends the program with that sentence and exit code 2', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'supervisor')
    const supervisor = createServer().listen(path)
    await once(supervisor, 'listening')
    const { code, output } = await run(
      ...['--supervisor', `unix:${path}`, '--listen', '0', '--ticket-key', '/etc/hostname'],
    )
    supervisor.close()
    expect(output.trim()).toBe('sandlot-host: the file of --ticket-key is not an Ed25519 public key in PEM form')
    expect(code).toBe(2)
  })

  it.concurrent.each<[string, string[], RegExp]>([
    ['no arguments', [], /Say where to listen/],
    ['a folder with a key', ['/tmp', '--listen', '0', '--ticket-key', '/etc/hostname'], /lets everybody in/],
  ])('%s ends the program with that sentence and exit code 2', async (_what, args, sentence) => {
    const { code, output } = await run(...args)
    expect(output).toMatch(sentence)
    expect(output.trim().split('\n')).toHaveLength(1)
    expect(code).toBe(2)
  })

  it('a port in use ends with one clear sentence and exit code 2', async () => {
    const { port } = new URL(host.url)
    const { code, output } = await run(folder.path, '--listen', port)
    expect(output).toContain(`port ${port} is in use by another program: choose another with --listen`)
    expect(code).toBe(2)
  })

  it('--help prints the usage', async () => {
    const { code, output } = await run('--help')
    expect(output).toMatch(/^Usage: sandlot-host FOLDER --listen PORT/)
    expect(code).toBe(0)
  })

  it('--listen unix:PATH serves there, and the socket is gone after', async () => {
    using run = temporaryFolder()
    const path = join(run.path, 'host.sock')
    const served = spawnHost(folder.path, '--listen', `unix:${path}`)
    await until(() => served.output().includes(`at unix:${path}`), 'the host serves')
    const socket = createConnection(path)
    await once(socket, 'connect')
    socket.destroy()
    await served[Symbol.asyncDispose]()
    expect(() => rmSync(path)).toThrow(/ENOENT/)
  })
})
