// When builds are made, which stay on disk, and what becomes of those that a running game refuses.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { manifestSchema } from '@sandlot/shared/manifest.ts'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Builder } from '../build/builder.ts'
import { Builds } from './builds.ts'
import { newFolder } from './testing/node.ts'

const manifest = manifestSchema.parse({ title: 'T' })
const id = (n: number) => n.toString(16).padStart(32, '0')

let out: string
let next: number // the build that the folder makes now
let adopt: (id: string) => { message: string } | null
beforeEach(() => {
  out = join(mkdtempSync(join(tmpdir(), 'sandlot-')), 'out')
  adopt = () => null
})
afterEach(() => rmSync(join(out, '..'), { recursive: true }))

const open = () =>
  Builds.open({
    source: '/nowhere',
    out,
    make: async () => {
      const dir = join(out, id(next))
      mkdirSync(dir, { recursive: true })
      return { ok: true, build: id(next), dir, manifest }
    },
    adopt: async ({ id }) => adopt(id),
  })
const there = () => readdirSync(out).filter((name) => name !== 'current')
const build = async (builds: Builds, n: number) => {
  next = n
  await builds.update()
  utimesSync(join(out, id(n)), 1_000 + n, 1_000 + n) // a second apart, as saves are
}

it('a build that the running game refuses leaves nothing on disk, however often that happens; the one of before stays', async () => {
  const builds = await open()
  await build(builds, 1)
  adopt = () => ({ message: 'no' })
  for (next = 2; next < 20; next++) {
    await builds.update()
    expect(builds.problem).toEqual({ message: 'no' })
    expect(there()).toEqual([id(1)])
  }
  expect(builds.current?.id).toBe(id(1))
  expect(readFileSync(join(out, 'current'), 'utf8')).toBe(id(1))
  expect((await open()).current?.id).toBe(id(1))
})

it('an older build that is refused when it comes back stays: pages of it may still be open', async () => {
  const builds = await open()
  await build(builds, 1)
  await build(builds, 2)
  adopt = () => ({ message: 'no' })
  next = 1
  await builds.update()
  expect(there().sort()).toEqual([id(1), id(2)])
  adopt = () => null
  for (let n = 3; n < 9; n++) await build(builds, n)
  expect(there().sort()).toEqual([id(6), id(7), id(8)])
})

it('old builds go, also when the game breaks while it takes over a new one', async () => {
  const builds = await open()
  for (const n of [1, 2, 3]) await build(builds, n)
  adopt = () => {
    throw new Error('broken')
  }
  for (next = 4; next < 20; next++) await expect(builds.update()).rejects.toThrow('broken')
  expect(there()).toHaveLength(3)
  expect(there()).toContain(id(3))
})

it('who asks again and again for a game that does not build starts one build, not one each; a change starts another', async () => {
  const data = newFolder()
  const [source, out] = [join(data, 'game'), join(data, 'out')]
  mkdirSync(source)
  writeFileSync(join(source, 'client.js'), 'const')
  const builder = new Builder({ out })
  try {
    let made = 0
    const make = (from: string) => {
      made++
      return builder.build(from)
    }
    const builds = await Builds.open({ source, out, make, adopt: async () => null })
    await Promise.all(Array.from({ length: 20 }, () => builds.first()))
    for (let i = 0; i < 20; i++) await builds.first()
    expect(builds.problem).toMatchObject({ file: 'client.js' })
    expect(made).toBe(1)
    writeFileSync(join(source, 'client.js'), 'const a = 1')
    await builds.update() // as the watcher does it
    expect(made).toBe(2)
    expect(builds.current).not.toBe(null)
  } finally {
    await builder[Symbol.asyncDispose]()
    rmSync(data, { recursive: true })
  }
})

it('a build that was late, as often as it is tried, is made for who asks a minute later, and not for each who asks before', async () => {
  const data = newFolder()
  const [source, out] = [join(data, 'game'), join(data, 'out')]
  mkdirSync(source)
  writeFileSync(join(source, 'client.js'), 'const a = 1')
  const builders = [new Builder({ out, limits: { timeoutMs: 1 } }), new Builder({ out })]
  vi.useFakeTimers({ toFake: ['performance'] })
  try {
    let made = 0
    const make = (from: string) => builders[made++]!.build(from)
    const builds = await Builds.open({ source, out, make, adopt: async () => null })
    await builds.first()
    expect(builds.problem?.message).toContain('was not done after')
    vi.advanceTimersByTime(59_000)
    await builds.first()
    expect(made).toBe(1)
    vi.advanceTimersByTime(2_000)
    await builds.first()
    expect(made).toBe(2)
    expect([builds.problem, builds.current === null]).toEqual([null, false])
  } finally {
    vi.useRealTimers()
    for (const builder of builders) await builder[Symbol.asyncDispose]()
    rmSync(data, { recursive: true })
  }
})
