// A game that overwrites everything it can reach harms only itself: the worker's own code captured what it needs before, so that the game goes
// on being drawn, heard, watched and guarded. The creator's part of the code keeps its own copies, as one who attacks would.
import { launchChromium } from '@sandlot/shared/testing/chromium.ts'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { join, visit, WAIT } from './testing/visitor.ts'
import { startWired } from './testing/wired.ts'

vi.setConfig({ testTimeout: 120_000 })
const SERVER = `
  export const setup = () => ({ count: 0, list: [1, 2, 3], ships: {}, reports: {} })
  export const join = (state, player) => { state.ships[player.id] = { x: 100, y: 100 } }
  export const leave = (state, player) => { delete state.ships[player.id] }
  export const actions = {
    count(state, player, by, room) {
      state.count += by
      state.list.push(state.count)
      if (state.list.length > 6) state.list.length = 2
      room.send(player, { counted: by })
    },
    refuse() { throw new Error('never') },
    report(state, player, report) { state.reports[player.id] = report },
  }`
const GAME = `
const heard = { __proto__: null, state: 0, message: 0, refused: 0, update: 0, count: 0, key: '', touched: '', traps: 0 }
const ships = gameAPI.group((ship) => gameAPI.createSprite('ship', ship.x, ship.y))
const rect = gameAPI.createRect(10, 10, 20, 20, { color: '#00ff00' })
const ball = gameAPI.createCircle(50, 50, 5)
gameAPI.physics.add(ball, { velocityX: 10, bounce: 1 })
gameAPI.onState((state) => { heard.state++; heard.count = state.count; ships.sync(state.ships, (ship, at) => ship.moveTo(at.x, at.y)) })
gameAPI.onMessage(() => { heard.message++ })
gameAPI.onRefused(() => { heard.refused++ })
const { defineProperty } = Object
gameAPI.onKey((key, down) => {
  heard.key = key
  if (key === 'o' && down) defineProperty(ball, 'size', { __proto__: null, value() { throw 'broken' } })
  if (key === 'p' && down) gameAPI.physics.remove(ball)
  if (key === 'l' && down) for (let i = 0; i >= 0; i++) heard.key = 'l'
})
gameAPI.onUpdate(() => {
  heard.update++
  rect.x = 10 + heard.update % 50
  const text = gameAPI.createText('made ' + heard.update, 5, 5, { color: '#ffffff', size: 12 })
  gameAPI.tween(text, { x: 50 }, { duration: 50 })
  text.destroy()
  if (heard.update % 30 === 1) gameAPI.send('count', 1)
  if (heard.update % 30 === 2) gameAPI.send('refuse', { list: [1, 'two', null] })
  if (heard.update % 10 === 3) gameAPI.send('report', heard)
  gameAPI.setBackground(heard.update % 2 ? '#000000' : '#111111')
  gameAPI.log('frame', heard.update)
})`
/** Puts a trap in the place of everything that can be replaced. A trap notes its name, throws, and is the creator's own affair. */
const POISON = `
if (!gameAPI.isHost()) {
  const { defineProperty, getOwnPropertyDescriptor, getPrototypeOf } = Object
  const { ownKeys } = Reflect
  const text = String
  const Failure = Error
  const spared = { __proto__: null, gameAPI, undefined: true }
  const seen = new Set()
  const jobs = []
  let traps = 0
  const trap = (name) => function () { heard.touched += name + ' '; throw new Failure('poison: ' + name) }
  const walk = (target, path) => {
    if (target === null || (typeof target !== 'object' && typeof target !== 'function') || seen.has(target)) return
    if (target === gameAPI || target === heard) return
    seen.add(target)
    for (const key of ownKeys(target)) {
      if (key in spared && target === globalThis) continue
      const name = path + '.' + text(key)
      const property = getOwnPropertyDescriptor(target, key)
      if ('value' in property) walk(property.value, name)
      if (key === 'prototype') continue
      if (typeof property.value === 'function' || property.get) jobs.push([target, key, name, property])
    }
    walk(getPrototypeOf(target), path + '.__proto__')
  }
  walk(globalThis, 'global')
  for (const sample of [function* () {}, async () => {}, async function* () {}, [][Symbol.iterator](), new Map().entries(), new Set().values(), ''[Symbol.iterator](), /a/[Symbol.matchAll]('a'), gameAPI.createCanvas(0, 0, 9, 9), ships, rect, ball, gameAPI.camera, gameAPI.physics, gameAPI.keys, gameAPI.players, gameAPI.me, console])
    walk(sample, 'sample')
  // What the page's messages are made of inherits from Object.prototype and Array.prototype: names and numbers that nobody has set are trapped too.
  const names = 'then get set value writable enumerable configurable done next return toJSON c n t s d l p v id x y x1 config name text at length commands transforms errors failed lost transfer index message stack cause time size'.split(' ')
  for (const prototype of [Object.prototype, Array.prototype, Function.prototype, Error.prototype, Promise.prototype, Map.prototype])
    for (const key of [...names, ...Array(20).keys()])
      if (!ownKeys(prototype).includes(text(key)) && key !== 'length') jobs.push([prototype, key, 'inherited.' + text(key), { configurable: true }])
  for (let i = 0; i < jobs.length; i++) {
    const [target, key, name, property] = jobs[i]
    const accessor = 'inherited.' === name.slice(0, 10)
    jobs[i] = { __proto__: null, target, key, name, accessor, configurable: property.configurable, writable: property.writable, trap: trap(name) }
  }
  const { length } = jobs
  for (let i = 0; i < length; i++) {
    const { target, key, accessor, configurable, writable, trap } = jobs[i]
    try {
      if (accessor) defineProperty(target, key, { __proto__: null, get: () => undefined, set: trap, configurable: true })
      else if (configurable) defineProperty(target, key, { __proto__: null, value: trap, configurable: true, writable: true })
      else if (writable) target[key] = trap
      else continue
      traps++
    } catch {}
  }
  heard.traps = traps
}`

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser.close())

interface Heard {
  traps: number
  touched: string
  state: number
  message: number
  refused: number
  update: number
  count: number
  key: string
}

it('[B19] a game whose every prototype and global is poisoned plays on like the one beside it; what it breaks itself, it is told', async () => {
  await using host = await startWired({ 'server.js': SERVER, 'client.js': `${GAME}\n${POISON}` })
  await using alice = await join(browser, host.url) // the first player, whose code poisons nothing
  await using bob = await visit(browser, host.url)
  // Bob's worker cannot be asked: the debugger itself meets the traps there.
  const reports = () =>
    alice.worker().evaluate(() => {
      const { reports } = gameAPI.getState() as { reports: Record<string, Heard> }
      const me = gameAPI.me.id
      return {
        alice: reports[me],
        bob: Object.entries(reports).find(([id]) => id !== me)?.[1],
      }
    })
  const played = async (name: 'alice' | 'bob') => {
    const before = (await reports())[name]?.update ?? 0
    await vi.waitFor(async () => expect((await reports())[name]?.update).toBeGreaterThan(before + 20), WAIT)
    return (await reports())[name]!
  }
  for (const name of ['alice', 'bob'] as const) {
    await played(name)
    await vi.waitFor(async () => {
      const { state, message, refused, count } = (await reports())[name]!
      for (const heard of [state, message, refused, count]) expect(heard).toBeGreaterThan(1)
    }, WAIT)
  }
  expect((await played('alice')).traps).toBe(0)
  const { traps, touched } = await played('bob')
  expect(traps).toBeGreaterThan(900)
  expect(touched).toBe('')
  await bob.page.keyboard.press('b')
  await vi.waitFor(async () => expect((await reports()).bob!.key).toBe('b'), WAIT)
  expect(await bob.problem.isVisible()).toBe(false)

  await bob.page.keyboard.press('o') // breaks an object that the frames use
  await bob.problem.filter({ hasText: 'broken' }).waitFor()
  await bob.page.keyboard.press('p')
  await bob.problem.getByRole('button', { name: 'Go on' }).click()
  await played('bob')
  await bob.page.keyboard.press('l')
  await bob.problem.filter({ hasText: 'Loop ran longer than 3000 ms' }).waitFor()
  await played('alice')
})
