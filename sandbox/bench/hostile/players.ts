// The load of the hostile benchmark, in a process of its own: players who send input at 20 Hz and note how long their room was silent.
// Orders come over the process's channel, and each is answered by one message with the same id.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { encode, PROTOCOL_VERSION } from '@sandlot/shared/protocol/codec.ts'
import { WebSocket } from 'ws'

const INPUT_MS = 50
const FLOOD = { everyMs: 10, messages: 10 } // 1,000 a second
const FRAME_BYTES = 2 ** 20

export interface Silence {
  /** The longest time without a new state, per room, since `mark`. */
  maxGapMs: number
  /** Rooms in which a player was turned out. */
  lostRooms: string[]
  /** How long this process itself was busy at most, in the same time: no gap is known better than that. */
  driverLagMs: number
}
export type Order =
  | { t: 'join'; group: string; room: string; url: string; tickets: string[] }
  | { t: 'mark'; group: string }
  | { t: 'read'; group: string; except: string | null }
  | { t: 'attack'; group: string; room: string; how: 'act' | 'flood' | 'frame' }
  | { t: 'leave'; group: string }
export type News = { t: 'closed'; group: string; room: string; code: number; reason: string }
export type Answer = { t: 'answer'; id: number; value: unknown; problem?: string }

interface Seat {
  group: string
  room: string
  socket: WebSocket
  lastMs: number
  maxGapMs: number
  closed: boolean
  input: NodeJS.Timeout | undefined
}
const seats: Seat[] = []
const lag = monitorEventLoopDelay({ resolution: 5 })
lag.enable()

function join({ group, room, url, tickets }: Order & { t: 'join' }): Promise<unknown> {
  return Promise.all(tickets.map((ticket) => sit(group, room, new WebSocket(url), ticket)))
}

function sit(group: string, room: string, socket: WebSocket, ticket: string): Promise<void> {
  const seat: Seat = { group, room, socket, lastMs: 0, maxGapMs: 0, closed: false, input: undefined }
  seats.push(seat)
  socket.on('error', () => {}) // 'close' follows
  socket.once('open', () => socket.send(encode({ t: 'hello', v: PROTOCOL_VERSION, ticket })))
  return new Promise((resolve, reject) => {
    socket.on('message', (_data, isBinary) => {
      if (!isBinary) return // only states are
      const now = performance.now()
      if (seat.lastMs > 0) seat.maxGapMs = Math.max(seat.maxGapMs, now - seat.lastMs)
      else {
        let seq = 0
        const send = () => socket.send(encode({ t: 'act', a: 'input', d: { dx: 1, dy: 0, seq: seq++ } }))
        seat.input = setInterval(send, INPUT_MS)
        resolve()
      }
      seat.lastMs = now
    })
    socket.on('close', (code, reason) => {
      seat.closed = true
      clearInterval(seat.input)
      process.send?.({ t: 'closed', group, room, code, reason: reason.toString() } satisfies News)
      reject(new Error(`a player was turned away from ${room}: ${code} ${reason}`))
    })
  })
}

const of = (group: string) => seats.filter((seat) => seat.group === group)

function mark(group: string): void {
  const now = performance.now()
  lag.reset()
  for (const seat of of(group)) {
    seat.lastMs = now
    seat.maxGapMs = 0
  }
}

function read(group: string, except: string | null): Silence {
  const now = performance.now()
  const others = of(group).filter(({ room }) => room !== except)
  const gap = (seat: Seat) => (seat.closed ? 0 : Math.max(seat.maxGapMs, now - seat.lastMs)) // the closed ones are lost
  return {
    maxGapMs: Math.round(others.reduce((max, seat) => Math.max(max, gap(seat)), 0)),
    lostRooms: [...new Set(others.filter(({ closed }) => closed).map(({ room }) => room))],
    driverLagMs: Math.round(lag.max / 1e6),
  }
}

function attack({ group, room, how }: Order & { t: 'attack' }): void {
  const seat = of(group).find((other) => other.room === room)!
  const { socket } = seat
  if (how === 'act') {
    // Again and again: a room that is brought back from before the attack is attacked anew.
    const again = () => socket.send(encode({ t: 'act', a: 'attack', d: null }))
    again()
    const repeat = setInterval(() => (seat.closed ? clearInterval(repeat) : again()), INPUT_MS)
  } else if (how === 'frame') socket.send('x'.repeat(FRAME_BYTES))
  else {
    const flood = setInterval(() => {
      for (let i = 0; i < FLOOD.messages && !seat.closed; i++)
        socket.send(encode({ t: 'act', a: 'input', d: { dx: 0, dy: 1, seq: 0 } }))
      if (seat.closed) clearInterval(flood)
    }, FLOOD.everyMs)
  }
}

function leave(group: string): void {
  for (const seat of of(group)) {
    seat.socket.removeAllListeners('close')
    clearInterval(seat.input)
    seat.closed = true
    seat.socket.terminate()
    seats.splice(seats.indexOf(seat), 1)
  }
}

async function obey(order: Order): Promise<unknown> {
  switch (order.t) {
    case 'join':
      await join(order)
      return null
    case 'mark':
      return mark(order.group)
    case 'read':
      return read(order.group, order.except)
    case 'attack':
      return attack(order)
    case 'leave':
      return leave(order.group)
  }
}

process.on('message', ({ id, order }: { id: number; order: Order }) => {
  obey(order).then(
    (value) => process.send?.({ t: 'answer', id, value: value ?? null } satisfies Answer),
    (error) => process.send?.({ t: 'answer', id, value: null, problem: String(error) } satisfies Answer),
  )
})
process.on('disconnect', () => process.exit())
