import { afterEach, expect, it, vi } from 'vitest'
import { Stage, type StageOptions } from './stage.svelte.ts'

const closers: (() => void)[] = []
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  for (const close of closers.splice(0)) close()
})

/** A stage on a page of its own, with a real channel to somebody who plays the runtime. */
function staged(options: Partial<StageOptions> = {}) {
  const page = new EventTarget()
  const contentWindow = {}
  const stage = new Stage({ ticket: 'first', newTicket: async () => ({ ok: true, ticket: 'second' }), ...options })
  let detach = stage.attach({ contentWindow }, page)
  closers.push(() => detach())
  const say = (init: { source?: unknown; data?: unknown; origin?: string; ports?: MessagePort[] }) => {
    const event = Object.assign(new Event('message'), { source: contentWindow, data: null, origin: 'null', ports: [] })
    page.dispatchEvent(Object.assign(event, init))
  }
  const ready = () => {
    const { port1, port2 } = new MessageChannel()
    closers.push(() => port1.close())
    const heard: { type: string; ticket?: string }[] = []
    port1.onmessage = (event) => heard.push(event.data)
    say({ data: { type: 'READY' }, ports: [port2] })
    return { heard, post: (message: unknown) => port1.postMessage(message) }
  }
  const attach = () => {
    detach = stage.attach({ contentWindow }, page)
    return { ready }
  }
  return { stage, say, ready, attach, detach: () => detach() }
}

it('READY is answered with the ticket', async () => {
  const { ready } = staged()
  const { heard } = ready()
  await vi.waitFor(() => expect(heard).toEqual([{ type: 'TICKET', ticket: 'first' }]))
})

it('READY from another window gets no ticket', () => {
  const { stage, say } = staged()
  say({ source: {}, data: { type: 'READY' }, ports: [new MessageChannel().port1] })
  expect(stage.status).toBe('loading')
  expect(stage.ignored).toBe(0)
})

it('what the iframe says outside its port is ignored and counted', () => {
  const { stage, say } = staged()
  say({ data: { type: 'STATUS', status: 'playing', text: '' } })
  expect(stage).toMatchObject({ status: 'loading', ignored: 1 })
})

it('status, players, title, log and build reach the page', async () => {
  const { stage, ready } = staged()
  const { post } = ready()
  post({ type: 'STATUS', status: 'playing', text: 'Go' })
  post({ type: 'PLAYERS', players: [{ id: 'p1', name: 'Ada', connected: true }], me: 'p1' })
  post({ type: 'TITLE', title: 'Pong', width: 400, height: 300 })
  post({ type: 'LOG', text: 'hello' })
  post({ type: 'BUILD', build: 'abc' })
  await vi.waitFor(() => expect(stage.build).toBe('abc'))
  expect(stage).toMatchObject({ status: 'playing', text: 'Go', me: 'p1', title: 'Pong', log: ['hello'] })
  expect(stage.size).toEqual({ width: 400, height: 300 })
  expect(stage.players).toHaveLength(1)
})

it('malformed messages on the port change nothing and are counted', async () => {
  const { stage, ready } = staged()
  const { post } = ready()
  post({ type: 'TITLE', title: 'x', width: -1, height: 0 })
  post('END')
  post({ type: 'LOG', text: 'after' })
  await vi.waitFor(() => expect(stage.log).toEqual(['after']))
  expect(stage).toMatchObject({ ignored: 2, title: null, status: 'connecting' })
})

it('an error stays until new code arrives, and repeats are counted', async () => {
  const { stage, ready } = staged()
  const { post } = ready()
  const error = { type: 'ERROR', side: 'server', problem: { message: 'boom', file: 'server.js', line: 2 } }
  post(error)
  post(error)
  await vi.waitFor(() => expect(stage.error?.count).toBe(2))
  post({ type: 'BUILD', build: 'next' })
  await vi.waitFor(() => expect(stage.error).toBeNull())
})

it('a document that loads anew gets a new ticket on its new port', async () => {
  const { ready } = staged()
  const first = ready()
  await vi.waitFor(() => expect(first.heard).toHaveLength(1))
  const again = ready()
  await vi.waitFor(() => expect(again.heard).toEqual([{ type: 'TICKET', ticket: 'second' }]))
  expect(first.heard).toHaveLength(1)
})

it('a runtime that keeps asking for tickets costs one request at a time', async () => {
  let asked = 0
  const { ready } = staged({ newTicket: async () => ({ ok: true, ticket: `t${++asked}` }) })
  const { post, heard } = ready()
  for (let count = 0; count < 50; count++) post({ type: 'TICKET_NEEDED' })
  await vi.waitFor(() => expect(heard.at(-1)).toEqual({ type: 'TICKET', ticket: 't1' }))
  expect(asked).toBe(1)
})

it('no new ticket is a refusal with its reason', async () => {
  const { stage, ready } = staged({ newTicket: async () => ({ ok: false, text: 'This room has ended.', final: true }) })
  const { post } = ready()
  post({ type: 'TICKET_NEEDED' })
  await vi.waitFor(() => expect(stage).toMatchObject({ status: 'refused', text: 'This room has ended.' }))
})

it('a socket that stays lost because the room is gone ends the waiting', async () => {
  const { stage, ready } = staged({ newTicket: async () => ({ ok: false, text: 'This room has ended.', final: true }) })
  const { post } = ready()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  post({ type: 'STATUS', status: 'reconnecting', text: 'Reconnecting' })
  await vi.waitFor(() => expect(stage.status).toBe('reconnecting'))
  await vi.advanceTimersByTimeAsync(6_000)
  post({ type: 'STATUS', status: 'reconnecting', text: 'Another try' })
  await vi.waitFor(() => expect(stage.text).toBe('Another try'))
  await vi.advanceTimersByTimeAsync(4_000)
  expect(stage).toMatchObject({ status: 'refused', text: 'This room has ended.' })
  post({ type: 'STATUS', status: 'reconnecting', text: 'And another' })
  await vi.advanceTimersByTimeAsync(1_000)
  expect(stage.status).toBe('refused')
})

it('a socket that stays lost while the website is away too goes on waiting', async () => {
  let asked = 0
  const newTicket = async () => ({ ok: false, text: `away ${++asked}`, final: false }) as const
  const { stage, ready } = staged({ newTicket })
  const { post } = ready()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  post({ type: 'STATUS', status: 'reconnecting', text: 'Reconnecting' })
  await vi.waitFor(() => expect(stage.status).toBe('reconnecting'))
  await vi.advanceTimersByTimeAsync(30_000)
  expect(asked).toBe(3)
  expect(stage.status).toBe('reconnecting')
})

it('a socket that comes back in time is not asked about', async () => {
  let asked = 0
  const newTicket = async () => ({ ok: false, text: `asked ${++asked}`, final: true }) as const
  const { stage, ready } = staged({ newTicket })
  const { post } = ready()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  post({ type: 'STATUS', status: 'reconnecting', text: 'Reconnecting' })
  post({ type: 'STATUS', status: 'playing', text: 'Playing' })
  await vi.waitFor(() => expect(stage.status).toBe('playing'))
  await vi.advanceTimersByTimeAsync(20_000)
  expect(asked).toBe(0)
})

it('an ended room stays ended, whatever its socket does', async () => {
  const { stage, ready } = staged()
  const { post } = ready()
  post({ type: 'END', result: { winner: 'p1' } })
  post({ type: 'STATUS', status: 'reconnecting', text: 'x' })
  post({ type: 'LOG', text: 'after' })
  await vi.waitFor(() => expect(stage.log).toEqual(['after']))
  expect(stage.status).toBe('ended')
  expect(stage.result).toEqual({ value: { winner: 'p1' } })
})

it('a game that never says READY is called silent', () => {
  vi.useFakeTimers()
  const { stage } = staged()
  vi.advanceTimersByTime(19_000)
  expect(stage.status).toBe('loading')
  vi.advanceTimersByTime(2_000)
  expect(stage.status).toBe('silent')
})

/** A game that plays, on a page whose clock the test drives; `detach` and `attach` are what the page does when the stage names another iframe. */
async function playing() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance', 'Date'] })
  const page = Object.assign(new EventTarget(), { visibilityState: 'visible' })
  vi.stubGlobal('document', page)
  closers.push(() => vi.unstubAllGlobals())
  const { stage, ready, attach, detach } = staged()
  const play = async () => {
    const runtime = ready()
    await vi.waitFor(() => expect(runtime.heard.some(({ type }) => type === 'TICKET')).toBe(true))
    runtime.post({ type: 'STATUS', status: 'playing', text: '2 players' })
    await vi.waitFor(() => expect(stage.status).toBe('playing'))
    return runtime
  }
  const runtime = await play()
  let said = 0
  /** Resolves when all that the runtime has said is heard. */
  const heard = async () => {
    runtime.post({ type: 'LOG', text: `${++said}` })
    await vi.waitFor(() => expect(stage.log.at(-1)).toBe(`${said}`))
  }
  return { stage, page, attach, detach, play, runtime, heard }
}
/** Lets time pass in silence until the iframe is taken away: after five seconds, looked for every two. */
function freeze(stage: Stage) {
  let silentMs = 0
  for (; stage.frameId !== null && silentMs < 20_000; silentMs += 50) vi.advanceTimersByTime(50)
  expect(silentMs).toBeLessThanOrEqual(7_100)
}
const what = ({ status, frameId }: Stage) => [status, frameId]
const beat = { type: 'HEARTBEAT', frame: 1 }

it('[B09] an iframe that falls silent is taken away at once, and another one comes by itself after a second, for the same seat', async () => {
  const { stage, attach, detach, play } = await playing()
  expect(stage.frameId).toBe(1)
  vi.advanceTimersByTime(4_000)
  expect(what(stage)).toEqual(['playing', 1])
  freeze(stage)
  expect([stage.status, stage.text]).toEqual(['restarting', 'The game froze. It is loaded again (1 of 3).'])
  detach()
  vi.advanceTimersByTime(999)
  expect(stage.frameId).toBeNull()
  vi.advanceTimersByTime(1)
  expect(what(stage)).toEqual(['loading', 2])
  attach()
  const { heard } = await play()
  expect(heard).toEqual([{ type: 'TICKET', ticket: 'second' }])
})

it('[B09] an iframe that always falls silent comes back three times, later each time; then the player is asked, and it may still wake up', async () => {
  const { stage, attach, detach, play } = await playing()
  let runtime: Awaited<ReturnType<typeof play>> | undefined
  for (const pauseMs of [1_000, 5_000, 15_000]) {
    freeze(stage)
    detach()
    vi.advanceTimersByTime(pauseMs - 1)
    expect(stage.status).toBe('restarting')
    vi.advanceTimersByTime(1)
    attach()
    runtime = await play()
  }
  vi.advanceTimersByTime(60_000)
  expect(what(stage)).toEqual(['silent', 4])
  expect(stage.text).toBe('The game froze each time it was loaded. Reload it to go on in the same seat.')
  runtime!.post(beat)
  await vi.waitFor(() => expect([stage.status, stage.text]).toEqual(['playing', '2 players']))
})

it('[B09] an iframe that says something now and then stays', async () => {
  const { stage, runtime, heard } = await playing()
  for (let i = 0; i < 10; i++) {
    vi.advanceTimersByTime(3_900)
    runtime.post(beat)
    await heard()
  }
  expect(what(stage)).toEqual(['playing', 1])
})

it('[B09] a tab in the background and a machine that sleeps are not an iframe that froze', async () => {
  const { stage, page, runtime, heard } = await playing()
  page.visibilityState = 'hidden'
  vi.advanceTimersByTime(600_000)
  page.visibilityState = 'visible'
  vi.advanceTimersByTime(3_000)
  expect(what(stage)).toEqual(['playing', 1])
  // The lid is closed: no timer fires, and then the clock is an hour on.
  runtime.post(beat)
  await heard()
  const awake = performance.now.bind(performance)
  vi.spyOn(performance, 'now').mockImplementation(() => awake() + 3_600_000)
  vi.advanceTimersByTime(4_500)
  expect(what(stage)).toEqual(['playing', 1])
  freeze(stage) // the twin: nobody comes back
})

it('[B09] an iframe that falls silent before it plays is exchanged too; one of an ended game is left alone', async () => {
  const { stage, detach, attach } = await playing()
  freeze(stage)
  detach()
  vi.advanceTimersByTime(1_000)
  const { ready } = attach()
  const { post } = ready()
  await vi.waitFor(() => expect(stage.status).toBe('connecting'))
  freeze(stage)
  detach()
  vi.advanceTimersByTime(5_000)
  attach()
  post({ type: 'END', result: 1 })
  const last = ready()
  last.post({ type: 'END', result: 2 })
  await vi.waitFor(() => expect(stage.result).toEqual({ value: 2 })) // what the one before said was not heard
  vi.advanceTimersByTime(60_000)
  expect(what(stage)).toEqual(['ended', 3])
})

it('leaving tells the runtime and waits until it has said so', async () => {
  const { stage, ready } = staged()
  const { post, heard } = ready()
  const left = stage.leave()
  await vi.waitFor(() => expect(heard.some(({ type }) => type === 'LEAVE')).toBe(true))
  post({ type: 'STATUS', status: 'ended', text: 'You left.' })
  await left
  expect(stage.status).toBe('ended')
})
