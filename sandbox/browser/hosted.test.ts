// A game without server.js on one player's page: whom it believes, and how often it sends what.
import { applyPatch, makePatch } from '@sandlot/shared/protocol/delta.ts'
import type { Json } from '@sandlot/shared/protocol/messages.ts'
import { packInput, packState, readPeerMessage } from '@sandlot/shared/protocol/peer.ts'
import type { RelayView, StateMessage } from '@sandlot/shared/protocol/relay.ts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { StateFeed } from './feed.ts'
import { Hosted } from './hosted.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** The page of `me`, and what it says. */
function page(me: string, rate = 20) {
  const feed = new StateFeed()
  const acts: { action: string; data: Json }[] = []
  const direct: Uint8Array<ArrayBuffer>[] = []
  const hosted = new Hosted(me, rate, feed, {
    act: (action, data) => acts.push({ action, data }) > 0,
    tellPeers: (data) => direct.push(data),
  })
  let view: RelayView
  return {
    hosted,
    acts,
    direct,
    states: () => acts.filter(({ action }) => action === 'state').map(({ data }) => data as unknown as StateMessage),
    shown: () => feed.value,
    full(next: RelayView) {
      view = structuredClone(next) // as a connection does: deltas change it in place
      hosted.full(view as unknown as Json)
    },
    delta(next: RelayView) {
      applyPatch(view as unknown as Json, structuredClone(makePatch(view as unknown as Json, next as unknown as Json)!))
      hosted.delta(view as unknown as Json)
    },
    seats: (...ids: string[]) => hosted.players(ids.map((id) => ({ id, name: id, connected: true }))),
  }
}

describe('a player', () => {
  it('[RL1] is shown the room’s states', () => {
    const bob = page('bob')
    bob.full({ h: 'ada', e: 1, n: 1, s: { x: 1 } })
    bob.delta({ h: 'ada', e: 1, n: 2, s: { x: 2 } })
    expect(bob.shown()).toEqual({ x: 2 })
  })

  it('[PP1] is shown the newest state, whichever way it came', () => {
    const bob = page('bob')
    bob.full({ h: 'ada', e: 1, n: 1, s: 1 })
    bob.hosted.heard('ada', packState(1, 4, 4)!)
    bob.hosted.heard('ada', packState(1, 3, 3)!) // late
    bob.delta({ h: 'ada', e: 1, n: 2, s: 2 })
    expect(bob.shown()).toBe(4)
    bob.delta({ h: 'ada', e: 1, n: 5, s: 5 })
    expect(bob.shown()).toBe(5)
  })

  it.each<[string, string, Uint8Array<ArrayBuffer>]>([
    ['from one who is not host', 'eve', packState(1, 9, 'forged')!],
    ['of another time as host', 'ada', packState(2, 9, 'forged')!],
    ['that is not newer', 'ada', packState(1, 1, 'forged')!],
    ['that the room will not hear of', 'ada', packState(1, 1_002, 'forged')!],
    ['that is none', 'ada', new Uint8Array([1, 2, 3])],
    ['that is an input', 'ada', packInput(9, 'forged')],
  ])('[PP5] is not shown a state %s', (_, from, bytes) => {
    const bob = page('bob')
    bob.full({ h: 'ada', e: 1, n: 1, s: 'true' })
    bob.hosted.heard(from, bytes)
    expect(bob.shown()).toBe('true')
    bob.hosted.heard('ada', packState(1, 1_001, 'new')!)
    expect(bob.shown()).toBe('new')
  })

  it('[RL2] who is not host sends no state, whatever its code does', () => {
    const bob = page('bob')
    bob.full({ h: 'ada', e: 1, n: 1, s: 'true' })
    expect(bob.hosted.set('forged')).toBeUndefined()
    vi.advanceTimersByTime(1_000)
    expect([bob.acts, bob.shown()]).toEqual([[], 'true'])
  })

  it('[RL4] sends the room each input that is new, thirty a second, and directly too', () => {
    const bob = page('bob')
    bob.full({ h: 'ada', e: 1, n: 1, s: null })
    bob.hosted.peers(['ada'])
    for (let i = 0; i < 100; i++) {
      bob.hosted.send(i)
      vi.advanceTimersByTime(10)
    }
    vi.advanceTimersByTime(100)
    expect(bob.acts.length).toBeGreaterThan(20)
    expect(bob.acts.length).toBeLessThan(35)
    expect(bob.acts.at(-1)!.data).toMatchObject({ k: 99 })
    expect(readPeerMessage(bob.direct.at(-1)!)).toMatchObject({ kind: 'input', input: 99 })
  })
})

describe('the host', () => {
  it('[RL1] sends the newest state `tickRate` times a second, as changes', () => {
    const ada = page('ada')
    ada.full({ h: 'ada', e: 1, n: 0, s: null, i: {} })
    for (let i = 1; i <= 60; i++) {
      ada.hosted.set({ x: i, fixed: 'y'.repeat(100) })
      vi.advanceTimersByTime(1000 / 60)
    }
    vi.advanceTimersByTime(100)
    const states = ada.states()
    expect(states.length).toBeGreaterThan(15)
    expect(states.length).toBeLessThan(24)
    expect(states[0]).toMatchObject({ b: null, p: { v: { x: 1 } } })
    expect(states.at(-1)).toMatchObject({ e: 1, p: { s: { x: 60 } } })
    expect(JSON.stringify(states.at(-1)).length).toBeLessThan(80)
    expect(ada.direct).toEqual([])
  })

  it('[RL2] sends all of it again when the room refused a change, and when it has connected anew', () => {
    const ada = page('ada')
    ada.full({ h: 'ada', e: 1, n: 0, s: null, i: {} })
    ada.hosted.set('mine')
    ada.hosted.refused()
    vi.advanceTimersByTime(1_000)
    ada.full({ h: 'ada', e: 1, n: 1, s: 'old', i: {} })
    vi.advanceTimersByTime(1_000)
    expect(ada.states().map((state) => 'p' in state && state.p)).toEqual([{ v: 'mine' }, { v: 'mine' }, { v: 'mine' }])
    const numbers = ada.states().map((state) => ('n' in state ? state.n : 0))
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
    expect(new Set(numbers).size).toBe(3)
  })

  it('[HS3] who was away for too long is shown the state of the next one', () => {
    const ada = page('ada')
    ada.full({ h: 'ada', e: 1, n: 0, s: null, i: {} })
    ada.hosted.set('mine')
    ada.full({ h: 'bob', e: 2, n: 3, s: 'theirs' })
    vi.advanceTimersByTime(1_000)
    expect(ada.shown()).toBe('theirs')
    expect(ada.states()).toHaveLength(1)
  })

  it('[RL3] who is next goes on from what the last one told directly', () => {
    const bob = page('bob')
    bob.full({ h: 'ada', e: 1, n: 1, s: 'old' })
    bob.hosted.heard('ada', packState(1, 5, 'newest')!)
    bob.delta({ h: 'bob', e: 2, n: 0, s: 'old', i: {} })
    expect(bob.shown()).toBe('newest')
  })

  it('[PP1] tells the room less often while everybody is connected directly, and as before when one is not', () => {
    const ada = page('ada')
    ada.full({ h: 'ada', e: 1, n: 0, s: null, i: {} })
    ada.seats('ada', 'bob', 'cyd')
    let x = 0
    const second = () => {
      const before = ada.states().length
      for (let i = 0; i < 60; i++) {
        ada.hosted.set(++x)
        vi.advanceTimersByTime(1000 / 60)
      }
      return ada.states().length - before
    }
    ada.hosted.peers(['bob', 'cyd'])
    const told = ada.direct.length
    expect(second()).toBeLessThan(8)
    expect(ada.direct.length - told).toBeGreaterThan(15)
    ada.hosted.peers(['bob'])
    vi.advanceTimersByTime(300)
    expect(second()).toBeGreaterThan(15)
  })

  it('[RL4] has the newest input of each player, whichever way it came, and of nobody else', () => {
    const ada = page('ada')
    ada.seats('ada', 'bob')
    ada.full({ h: 'ada', e: 1, n: 0, s: null, i: { bob: [5, 'old'] } })
    expect(ada.hosted.takeInputs()).toEqual({ bob: 'old' })
    expect(ada.hosted.takeInputs()).toBeUndefined()
    ada.hosted.heard('bob', packInput(7, 'new'))
    ada.hosted.heard('bob', packInput(6, 'late'))
    ada.hosted.heard('eve', packInput(9, 'forged'))
    ada.hosted.heard('bob', packState(1, 9, 'forged')!)
    expect(ada.hosted.takeInputs()).toEqual({ bob: 'new' })
  })

  it('[LM3] with a large state sends no more bytes than a player may', () => {
    const ada = page('ada')
    ada.full({ h: 'ada', e: 1, n: 0, s: null, i: {} })
    for (let i = 0; i < 600; i++) {
      ada.hosted.set(`${i}${'x'.repeat(40_000)}`)
      vi.advanceTimersByTime(1000 / 60)
    }
    const bytes = ada.acts.reduce((sum, act) => sum + JSON.stringify(act).length, 0)
    expect(bytes).toBeLessThan(10 * 64 * 1024)
    expect(bytes).toBeGreaterThan(5 * 40_000)
  })
})
