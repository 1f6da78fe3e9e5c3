import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DEFAULT_BUDGETS } from '@sandlot/shared/budgets.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { gameFolder } from '../testing/folder.ts'
import { Builder } from './builder.ts'

const hello = fileURLToPath(new URL('../examples/hello', import.meta.url))
let out: string

beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'sandlot-builder-'))
})
afterEach(() => rmSync(out, { recursive: true }))

describe('a builder', () => {
  it('makes builds until it is closed', async () => {
    const builder = new Builder({ out })
    expect(await builder.build(hello)).toMatchObject({ ok: true })
    await builder[Symbol.asyncDispose]()
    await expect(builder.build(hello)).rejects.toThrow('closed')
  })

  it('that is closed while a build begins ends that build without a result', async () => {
    for (let turns = 0; turns < 12; turns++) {
      const builder = new Builder({ out })
      const build = builder.build(hello)
      for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate) // it may be anywhere on its way to the child
      await builder[Symbol.asyncDispose]()
      expect(await build).toMatchObject({ ok: false })
    }
  })

  it('[SV4] tries a build under the budgets it will run with', async () => {
    await using builder = new Builder({ out })
    using wide = gameFolder({ 'server.js': "export const setup = () => ({ text: 'x'.repeat(5_000) })\n" })
    const narrow = await builder.build(wide.path, { budgets: { ...DEFAULT_BUDGETS, stateBytes: 1_000 } })
    expect(narrow).toMatchObject({ ok: false, problem: { message: expect.stringMatching(/1,?000/) } })
    expect(await builder.build(wide.path)).toMatchObject({ ok: true })
    using large = gameFolder({
      'server.js':
        'const kept = []\nfor (let i = 0; i < 90; i++) kept.push(new Array(2 ** 17).fill(i))\nexport const setup = () => ({ n: kept.length })\n',
    })
    expect(await builder.build(large.path)).toMatchObject({ ok: false })
    const budgets = { ...DEFAULT_BUDGETS, roomMemoryMiB: 512 }
    expect(await builder.build(large.path, { budgets })).toMatchObject({ ok: true })
  })
})
