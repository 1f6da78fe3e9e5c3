// [I46] What could differ from machine to machine, and does not: random numbers, the clock and its zone, language, order, floats.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { gameFolder } from '../testing/folder.ts'
import { TestPlayer } from '../testing/host.ts'
import { TestRoom, withServer } from '../testing/room.ts'
import { until } from '../testing/until.ts'

const BIN = fileURLToPath(new URL('bin.mjs', import.meta.url))
/** An object of all that a program can ask of its surroundings. */
const REPORT = `({
  random: [Math.random(), Math.random()],
  now: [Date.now(), new Date().getTime(), Date()],
  zone: [new Date(0).toString(), new Date(0).toLocaleString(), new Date(2020, 5, 1).getTimezoneOffset()],
  language: ['Iı'.toLocaleLowerCase(), 'i'.toLocaleUpperCase(), (1234.5).toLocaleString(), [1234.5].toLocaleString(), new Intl.NumberFormat().resolvedOptions().locale],
  order: [['z', 'ä', 'a'].sort((a, b) => a.localeCompare(b)).join(), Array.from({ length: 600 }, (_, i) => i).sort((a, b) => (a % 3) - (b % 3)).join()],
  keys: Object.keys({ b: 1, 2: 1, a: 1, 1: 1 }),
  floats: [Math.sin(1e6), Math.exp(1.5), Math.pow(2.1, 3.3), Math.cbrt(7), Math.hypot(1, 2, 3), 0.1 + 0.2],
  stack: (() => { try { null.x } catch (error) { return error.message } })(),
})`

it('two rooms of one seed that begin at the same time find the same surroundings; another seed finds other random numbers', () => {
  const build = withServer(`export const setup = () => ({ report: ${REPORT} })`)
  const report = (seed: number[]) => {
    const test = new TestRoom(build, new Map(), seed)
    test.join('ada')
    test.pass(100)
    return (test.state('ada') as { report: { random: number[] } }).report
  }
  const one = report([1, 2, 3, 4])
  expect(report([1, 2, 3, 4])).toEqual(one)
  const other = report([1, 2, 3, 5])
  expect(other.random).not.toEqual(one.random)
  expect({ ...other, random: null }).toEqual({ ...one, random: null })
})

it('language and time zone of the machine are not those of a room', async () => {
  const server = `export const setup = () => ({ report: {
    language: ['Iı'.toLocaleLowerCase(), 'i'.toLocaleUpperCase(), (1234.5).toLocaleString(), 'z'.localeCompare('ä')],
    zone: [new Date(0).toString(), new Date(0).toLocaleString()],
  } })`
  using folder = gameFolder({ 'server.js': server })
  const found = async (language: string, zone: string) => {
    const PATH = `${dirname(process.execPath)}:${process.env.PATH}`
    const env = { PATH, LANG: language, LC_ALL: language, TZ: zone }
    const host = spawn(BIN, [folder.path, '--listen', '0'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [host.stdout, host.stderr]) stream.on('data', (text) => (output += text))
    try {
      const url = await until(
        () => output.includes('is live') && / at (http:\S+)/.exec(output)?.[1],
        'the host serves its game',
        () => output,
      ) // prettier-ignore
      await using player = await TestPlayer.join(url)
      expect(player.closed, output).toBeUndefined()
      return (player.state as { report: { language: unknown; zone: unknown } }).report
    } finally {
      const gone = once(host, 'close')
      host.kill('SIGTERM')
      await gone
    }
  }
  const here = await found('C', 'UTC')
  expect(await found('tr_TR.UTF-8', 'Asia/Tokyo')).toEqual(here)
  expect(here.language).toEqual(['iı', 'I', '1,234.5', 1])
})
