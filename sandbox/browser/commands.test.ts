import { describe, expect, it } from 'vitest'
import { actionData, CommandCheck } from './commands.ts'
import { ENTITY_LIMIT, MAX_ENTITIES, TRANSFORM } from './frame.ts'

const sprite = (id: number, more: object = {}) => ({ c: 'sprite', id, type: 'ship', x: 1, y: 2, config: {}, ...more })
const reason = (raw: unknown, check = new CommandCheck()) => {
  const checked = check.check(raw)
  return checked.ok ? undefined : checked.reason
}

describe('a command', () => {
  it('passes as a fresh object of known fields', () => {
    const raw = { ...sprite(1, { config: { tint: 0xff0000, evil: 'x', scale: undefined } }), extra: 1 }
    expect(new CommandCheck().check(raw)).toEqual({ ok: true, command: sprite(1, { config: { tint: 0xff0000 } }) })
  })

  it('of an unknown kind is dropped', () => {
    for (const raw of [
      null,
      7,
      'sprite',
      {},
      { c: 'eval' },
      { c: '__proto__' },
      { c: 'constructor' },
      [],
      { c: ['sprite'] },
    ])
      expect(reason(raw)).toBeTypeOf('string')
    expect(reason(sprite(1))).toBeUndefined()
  })

  it('with a number that is missing, not finite or no number is dropped', () => {
    for (const x of [Number.NaN, Number.POSITIVE_INFINITY, undefined, '5', { valueOf: () => 5 }])
      expect(reason(sprite(1, { x }))).toBe('a number is missing or not finite')
  })

  it('is clamped to sizes that can be drawn', () => {
    const check = new CommandCheck()
    const text = { c: 'text', id: 1, text: 'x'.repeat(9_999), x: 1e300, y: 0, config: { size: -1, alpha: -4 } }
    const checked = check.check(text)
    expect(checked).toMatchObject({ ok: true, command: { x: 1_000_000, config: { size: 4, alpha: 0 } } })
    expect(checked.ok && checked.command.c === 'text' && checked.command.text.length).toBe(2_000)
  })

  it('sets only properties that its thing has', () => {
    const check = new CommandCheck()
    check.check(sprite(1))
    expect(reason({ c: 'set', id: 1, name: 'tint', value: 5 }, check)).toBeUndefined()
    for (const name of ['text', 'destroy', '__proto__', 'constructor', 'setTexture'])
      expect(reason({ c: 'set', id: 1, name, value: 5 }, check)).toBe('a sprite has no such property')
  })

  it('about a thing that is not there is dropped', () => {
    const check = new CommandCheck()
    check.check(sprite(1))
    expect(reason({ c: 'destroy', id: 2 }, check)).toBe('no such thing')
    expect(reason({ c: 'draw-clear', id: 1 }, check)).toBe('not a canvas')
    expect(reason({ c: 'destroy', id: 1 }, check)).toBeUndefined()
    expect(reason({ c: 'destroy', id: 1 }, check)).toBe('no such thing')
  })

  it('makes no second thing of one id', () => {
    const check = new CommandCheck()
    check.check(sprite(1))
    expect(reason(sprite(1), check)).toBe('not a new id')
    expect(reason(sprite(0.5), check)).toBe('not a new id')
  })

  it('makes at most 1,000 things, and one more when one is gone', () => {
    const check = new CommandCheck()
    for (let id = 1; id <= MAX_ENTITIES; id++) expect(reason(sprite(id), check)).toBeUndefined()
    expect(reason(sprite(5000), check)).toBe(ENTITY_LIMIT)
    check.check({ c: 'destroy', id: 7 })
    expect(reason(sprite(5000), check)).toBeUndefined()
  })

  it('makes canvases of at most 4 Mi pixels together', () => {
    const check = new CommandCheck()
    const canvas = (id: number) => ({ c: 'canvas', id, x: 0, y: 0, width: 2048, height: 2048, config: {} })
    expect(reason(canvas(1), check)).toBeUndefined()
    expect(reason(canvas(2), check)).toMatch(/^all canvases together/)
    check.check({ c: 'destroy', id: 1 })
    expect(reason(canvas(2), check)).toBeUndefined()
  })

  it('sends JSON text and nothing else', () => {
    const send = (data: unknown) => reason({ c: 'send', action: 'go', data })
    expect(send('{"a":[1]}')).toBeUndefined()
    for (const data of [{ a: [1] }, 5n, undefined]) expect(send(data)).toMatch(/not JSON text/)
    expect(send(JSON.stringify('x'.repeat(14_998)))).toBeUndefined()
    expect(send(JSON.stringify('x'.repeat(14_999)))).toBe('the data of the action "go" is larger than 15000 bytes')
    expect(send(JSON.stringify('漢'.repeat(6_000)))).toMatch(/larger than 15000 bytes/)
    expect(reason({ c: 'send', action: 'x'.repeat(65), data: 'null' })).toMatch(/at most 64/)
  })

  it('whose parts are shared costs no more than it has parts', () => {
    let shared: unknown = 'x' // 28 small arrays here, a quarter of a thousand million when written out
    for (let i = 0; i < 28; i++) shared = [shared, shared]
    const check = new CommandCheck()
    check.check(sprite(1))
    const startedMs = performance.now()
    expect(reason({ c: 'send', action: 'go', data: shared }, check)).toMatch(/not JSON text/)
    expect(reason({ c: 'send', action: shared, data: 'null' }, check)).toMatch(/at most 64/)
    expect(reason({ c: 'set', id: 1, name: shared, value: 1 }, check)).toBe('a property has no name')
    expect(reason({ c: 'log', text: shared }, check)).toBe('a text is missing')
    expect(performance.now() - startedMs).toBeLessThan(200)
  })
})

describe('the data of an action', () => {
  const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)

  it('is what its JSON says', () => {
    expect(actionData('{"a":[1,null]}')).toEqual({ ok: true, data: { a: [1, null] } })
    expect(actionData('{"a":')).toEqual({ ok: false, reason: 'what the game sends is not plain JSON' })
  })

  it('is nested 64 deep at most', () => {
    expect(actionData(nested(64))).toMatchObject({ ok: true })
    for (const levels of [65, 7_500]) expect(actionData(nested(levels))).toMatchObject({ ok: false })
  })
})

describe('transforms', () => {
  const place = (id: number, x: number) => [id, 1, x, 2, 0, 1, 1]

  it('of known things are applied, the others counted', () => {
    const check = new CommandCheck()
    check.check(sprite(1))
    const seen: unknown[] = []
    const values = new Float64Array([...place(1, 5), ...place(9, 5), ...place(1, Number.NaN)])
    expect(check.transforms(values, (...all) => seen.push(all))).toBe(2)
    expect(seen).toEqual([[1, true, 5, 2, 0, 1, 1]])
  })

  it('in any other shape are dropped as a whole', () => {
    const check = new CommandCheck()
    const none = () => expect.unreachable()
    for (const values of [undefined, [1, 2], new Float32Array(TRANSFORM), new Float64Array(TRANSFORM + 1)])
      expect(check.transforms(values, none)).toBe(1)
    expect(check.transforms(new Float64Array((MAX_ENTITIES + 1) * TRANSFORM), none)).toBe(1)
  })
})
