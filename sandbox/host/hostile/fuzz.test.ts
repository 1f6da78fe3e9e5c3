// [I50] Calls of every built-in with what it was not made for, a few hundred at random: at worst the process ends and says why, and the
// next one plays on. The seed is printed; FUZZ_SEED and FUZZ_RUNS repeat a run or make it long.
import { expect, it } from 'vitest'
import { temporaryFolder } from '../../testing/folder.ts'
import { HostedGame } from '../../testing/hosted.ts'
import { until } from '../../testing/until.ts'
import { NEVER_CAME_BACK, OUT_OF_MEMORY } from './attack.ts'
import { neighbour, writeBuild } from './trial.ts'

const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 1e9)
const RUNS = Number(process.env.FUZZ_RUNS ?? 400) // calls
const AT_ONCE = 20 // calls of one action
const BUDGETS = { memoryMiB: 512, frameMs: 100, cpuMsPerSecond: 1_000, cpuCreditMs: 60_000 }

/** `data`: a seed, and how many calls to make from it. */
const SERVER = `
const odd = () => [0, -0, -1, 1.5, 2 ** 31, 2 ** 32, 2 ** 53 - 1, NaN, -Infinity, 10n ** 30n, '', 'x'.repeat(1000), '\\ud800', Symbol('s'), null, undefined, true,
  [], [1, , 3], {}, { length: 2 ** 20, 0: 1 }, { valueOf() { return {} }, toString() { return {} } }, new Proxy([], {}), new Proxy(function () {}, {}), () => 1,
  function* () { yield 1 }, async () => 1, class A {}, /(a+)+b/g, new Date(NaN), new Map([[1, 2]]), new Set([1]), new Uint8Array(64), new Float64Array(8), new ArrayBuffer(8),
  new Error('e'), Promise.resolve(1), Object.create(null), globalThis, Object.prototype, Array.prototype, new (class extends Array {})(3)]
const known = []
const seen = new Set()
const walk = (object, path) => {
  if ((typeof object !== 'object' && typeof object !== 'function') || object === null || seen.has(object)) return
  seen.add(object)
  if (typeof object === 'function') known.push([path, object])
  for (const key of Reflect.ownKeys(object)) {
    const { value, get, set } = Reflect.getOwnPropertyDescriptor(object, key) ?? {}
    for (const next of [value, get, set]) walk(next, path + '.' + String(key))
  }
}
walk(globalThis, 'global')
export const setup = () => ({ calls: 0, known: known.length })
export const actions = {
  fuzz(state, player, { seed, calls }) {
    const next = () => { // mulberry32 by Tommy Ettinger
      seed = (seed + 0x6d2b79f5) | 0
      let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296
    }
    const any = (list) => list[Math.floor(next() * list.length)]
    for (let i = 0; i < calls; i++) {
      const values = odd()
      const [, call] = any(known)
      const given = Array.from({ length: Math.floor(next() * 4) }, () => any(values))
      try {
        const made = next() < 0.3 ? Reflect.construct(call, given) : Reflect.apply(call, any(values), given)
        if (next() < 0.3) String(made)
      } catch {}
      state.calls++
    }
  },
}`

it('a game that calls everything with anything costs at most its own process', { timeout: 120_000 }, async () => {
  process.stdout.write(`FUZZ_SEED=${SEED}\n`)
  using builds = temporaryFolder()
  await using beside = await neighbour()
  const dir = writeBuild(builds.path, SERVER)
  let made = 0
  let ends = 0
  for (let seed = SEED; made < RUNS; ) {
    await using host = await HostedGame.start(dir, BUDGETS)
    const calls = ({ state }: { state: unknown }) => (state as { calls: number }).calls
    while (made < RUNS && !host.ended) {
      const { player } = await host.sit()
      expect((player.state as { known: number }).known).toBeGreaterThan(500)
      while (made < RUNS && !player.closed) {
        const before = { calls: calls(player), answers: player.messages.length }
        player.act('fuzz', { seed: seed++ | 0, calls: AT_ONCE })
        made += AT_ONCE
        await player.until(
          () =>
            player.closed ||
            calls(player) > before.calls ||
            player.all('error').length + player.all('refused').length > 0 ||
            player.all('full').length > 1, // prettier-ignore
          `the calls of seed ${seed - 1} have been made`,
        )
        if (player.all('full').length > 1 || player.all('refused').length > 0) break // what they broke stays broken: on in another room
      }
      if (player.closed?.code === 1006) await host.exited
      await player[Symbol.asyncDispose]()
    }
    if (!host.ended) continue
    ends++
    const why = await host.exited
    expect(
      OUT_OF_MEMORY.test(why) || NEVER_CAME_BACK.test(why) || /^was killed by SIG(SEGV|ABRT|KILL|ILL|TRAP)/.test(why),
      why,
    ).toBe(true)
    await until(() => !isAlive(host.pid), 'it is gone')
  }
  await beside.ticksOn()
  expect(made).toBeGreaterThanOrEqual(RUNS)
  expect(ends).toBeLessThan(RUNS / AT_ONCE)
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
