// Game hosts that do not behave, each a real process: what they can do to their supervisor is be killed.

import { readFileSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { DEFAULT_BUDGETS } from '@sandlot/shared/budgets.ts'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FromHost } from '../host/link.ts'
import { Host, type Patience, socketPaths } from './host.ts'
import { type Launcher, startSession } from './process.ts'
import { isAlive, newFolder, testNode } from './testing/node.ts'
import { until } from './testing/until.ts'

const READY = `socket.write(JSON.stringify({ t: 'ready', build: '0'.repeat(32) }) + '\\n')`
const BEAT = `setInterval(() => socket.write('{"t":"beat","rooms":0,"players":0}\\n'), 200)`

/** A program that connects as a host does, then does this. */
const rogue = (program: string): Launcher => ({
  start: ({ supervisor }) =>
    startSession(
      process.execPath,
      ['-e', `const socket = require('node:net').connect(${JSON.stringify(supervisor)}, () => { ${program} })`],
      pino({ level: 'silent' }),
    ),
})

let run: string
let heard: FromHost[]
beforeEach(() => {
  run = newFolder()
  heard = []
})
afterEach(() => rmSync(run, { recursive: true }))

const start = (program: string, patience: Partial<Patience> = {}) =>
  Host.start({
    launcher: rogue(program),
    game: 'pong',
    run,
    ticketKey: '/dev/null',
    site: 'http://localhost:4000',
    patience,
    start: { dir: run, store: [], budgets: DEFAULT_BUDGETS },
    onRoom: () => {},
    onMessage: (message) => heard.push(message),
  })

describe('a host', () => {
  it.each([
    ['that is not JSON', `socket.write('hello\\n')`, 'not valid JSON'],
    ['of an unknown type', `socket.write('{"t":"root"}\\n')`, 'Invalid discriminator'],
    ['with a wrong field', `socket.write('{"t":"beat","rooms":"many","players":0}\\n')`, 'Invalid input'],
    ['without an end', `const x = 'x'.repeat(65536); setInterval(() => socket.write(x), 0)`, 'a line of more than'],
    [
      'of megabytes again and again',
      `const line = JSON.stringify({ t: 'ended', room: 'r0123456789012345678', reason: 'finished', result: 'x'.repeat(1e6) }) + '\\n'; const say = () => socket.write(line, say); say()`,
      'floods its supervisor with bytes',
    ],
    ['a thousand times too often', `socket.write('{"t":"problem","problem":null}\\n'.repeat(20000))`, 'floods'],
  ])('that sends a message %s is killed', async (_, program, why) => {
    const host = await start(`${READY}; ${BEAT}; ${program}`)
    expect(await host.exited).toContain(why)
    await until('the process to be gone', () => !isAlive(host.pid!))
  })

  it('that keeps to the protocol lives, and is heard', async () => {
    const host = await start(`${READY}; ${BEAT}; socket.write('{"t":"log","room":null,"text":"hi"}\\n')`)
    expect(await host.ready).toBe(true)
    await until('a word', () => heard.some((message) => message.t === 'log' && message.text === 'hi'))
    expect(isAlive(host.pid!)).toBe(true)
    host.kill('was stopped')
    expect(await host.exited).toBe('was stopped')
  })

  it('that never gets ready is killed', async () => {
    const host = await start('', { startMs: 500 })
    expect(await host.ready).toBe(false)
    expect(await host.exited).toBe('was not ready after 0.5 s')
  })

  it('that ignores the order to stop is killed', async () => {
    const host = await start(`${READY}; ${BEAT}`, { stopMs: 300 })
    await host.ready
    await host.stop()
    expect(isAlive(host.pid!)).toBe(false)
  })

  it('that does not read what it is told is killed before that fills the memory of its supervisor', async () => {
    const host = await start(`socket.pause(); ${READY}; ${BEAT}`)
    await host.ready
    const asked = Array.from({ length: 12 }, () => host.load(`/${'x'.repeat(2 ** 20)}`))
    expect(await host.exited).toBe('does not read what its supervisor says')
    expect(await Promise.all(asked)).toContainEqual({ type: 'gone', why: 'does not read what its supervisor says' })
  })

  it('that answers no question, but beats, is killed; who asked for a room hears early that there is none yet', async () => {
    const host = await start(`${READY}; ${BEAT}`, { askMs: 200, answerMs: 1_000 })
    await host.ready
    expect(await host.ensure('r0123456789012345678')).toEqual({ outcome: 'failed', problem: null })
    expect(isAlive(host.pid!)).toBe(true)
    expect(await host.exited).toBe('gave no answer for 1 s')
  })

  it('that dies with a question open answers it by dying', async () => {
    const host = await start(
      `${READY}; ${BEAT}; socket.on('data', (text) => /ensure|load/.test(text) && process.exit(3))`,
    )
    await host.ready
    const answers = await Promise.all([host.ensure('r0123456789012345678'), host.load(run)])
    expect(answers).toEqual([
      { outcome: 'failed', problem: null },
      { type: 'gone', why: 'exited with code 3' },
    ])
  })

  it('has its link to itself: the socket is for one user, and a second caller is turned away', async () => {
    const host = await start(`${READY}; ${BEAT}`)
    await host.ready
    const { link } = socketPaths(run, 'pong')
    expect(statSync(link).mode & 0o077).toBe(0)
    const intruder = connect(link)
    intruder.on('error', () => {}) // cut off before it was let in
    await new Promise((resolve) => intruder.once('close', resolve))
    expect(isAlive(host.pid!)).toBe(true)
    host.kill('was stopped')
    await host.exited
  })

  it.runIf(process.platform === 'linux')('of ours gets nothing of our environment but PATH', async () => {
    process.env.SANDLOT_TEST_SECRET = 'do not pass on'
    await using node = await testNode()
    await node.room(await node.game('hello'))
    const environment = readFileSync(join('/proc', String(node.hostPid('hello')), 'environ'), 'utf8')
    const names = environment.split('\0').flatMap((entry) => entry.split('=')[0] || [])
    expect(names).toEqual(['PATH'])
  })
})
