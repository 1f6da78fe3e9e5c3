import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
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
})
