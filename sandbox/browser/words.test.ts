import { Bucket } from '@sandlot/shared/bucket.ts'
import { MESSAGE_BURST, MESSAGES_PER_SECOND, MESSAGES_SAID_AT_ONCE } from '@sandlot/shared/limits.ts'
import { expect, it } from 'vitest'
import { newWords } from './words.ts'

it('[LM3] a page that says all it may for ten minutes, actions and pings, is never closed by its host', () => {
  const words = newWords()
  const host = new Bucket(MESSAGES_PER_SECOND, MESSAGE_BURST) // as sandbox/host/allowance.ts has it
  const said = { actions: 0, pings: 0, tooMuch: 0 }
  for (let frame = 0; frame < 10 * 60 * 60; frame++) {
    const nowMs = (frame * 1000) / 60
    const kinds = frame % 60 === 0 ? (['pings', 'actions', 'actions'] as const) : (['actions', 'actions'] as const)
    for (const kind of kinds) {
      if (!words.take(nowMs)) continue
      said[kind]++
      if (!host.take(nowMs)) said.tooMuch++
    }
  }
  expect(said.tooMuch).toBe(0)
  expect(said.actions).toBeGreaterThan(9.5 * 60 * MESSAGES_PER_SECOND)
  expect(said.pings).toBeGreaterThan(0)
})

it('[LM3] what a page says at once and for three seconds more may come all together', () => {
  const words = newWords()
  const host = new Bucket(MESSAGES_PER_SECOND, MESSAGE_BURST)
  let said = 0
  for (let ms = 0; ms <= 3_000; ms += 5) while (words.take(ms)) said++
  expect(said).toBeGreaterThan(MESSAGES_SAID_AT_ONCE + 2 * MESSAGES_PER_SECOND)
  expect(Array.from({ length: said }, () => host.take(3_000))).not.toContain(false)
})
