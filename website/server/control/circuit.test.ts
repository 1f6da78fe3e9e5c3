import { DOOR_TIMEOUT_MS } from '@sandlot/shared/limits.ts'
import { expect, it } from 'vitest'
import { Circuit } from './circuit.ts'

const late = async () => ({ late: true })
const quick = async () => ({ late: false })

function circuit() {
  const clock = { ms: 0 }
  return { clock, circuit: new Circuit(() => clock.ms) }
}

it('three calls in a row without an answer open it; an answer between them does not', async () => {
  const { circuit: it } = circuit()
  for (const call of [late, late, quick, late, late]) expect(await it.run(call)).toBeDefined()
  expect(await it.run(late)).toEqual({ late: true })
  expect(await it.run(quick)).toBe(undefined)
})

it('an open one lets one call at a time try after a rest; an answer closes it, silence opens it again', async () => {
  const { circuit: it, clock } = circuit()
  for (let i = 0; i < 3; i++) await it.run(late)
  clock.ms += DOOR_TIMEOUT_MS
  const asked = Promise.withResolvers<{ late: boolean }>()
  const first = it.run(() => asked.promise)
  expect(await it.run(quick)).toBe(undefined)
  asked.resolve({ late: true })
  expect(await first).toEqual({ late: true })
  expect(await it.run(quick)).toBe(undefined)
  clock.ms += DOOR_TIMEOUT_MS
  expect(await it.run(quick)).toEqual({ late: false })
  expect(await it.run(quick)).toEqual({ late: false })
})

it('a hundred calls may wait for one node, and no more; each that ends makes room', async () => {
  const { circuit: it } = circuit()
  const held = Promise.withResolvers<{ late: boolean }>()
  const calls = Array.from({ length: 100 }, () => it.run(() => held.promise))
  expect(await it.run(quick)).toBe(undefined)
  held.resolve({ late: false })
  await Promise.all(calls)
  expect(await it.run(quick)).toEqual({ late: false })
})
