// One visitor's way into a room and out of it again: guest sign-in, seat, stage, and the way back after a reload.
import type { Api, PlayAnswer } from '../lib/api.ts'
import { explain } from '../lib/failure.ts'
import type { SeatMemory } from '../lib/seat.ts'
import type { Session } from '../lib/session.svelte.ts'
import { Stage } from '../lib/stage.svelte.ts'

type Rooms = Pick<Api, 'rooms'>
type Seated = Extract<PlayAnswer, { ok: true }>
export type PlayReason = Extract<PlayAnswer, { ok: false }>['reason']

/**
 * idle: before Play, and after Leave. seating: on the way to a seat. seated: the iframe is on the page; `note` is a
 * friendly word about how we got here. refused: no seat; `text` says why and what to do,
 * `game` whose rooms can be tried instead; `reason` is null when the server did not get to decide.
 */
export type PlayState =
  | { is: 'idle' }
  | { is: 'seating' }
  | { is: 'seated'; seat: Seated; stage: Stage; note: string | null }
  | { is: 'refused'; reason: PlayReason | null; text: string; game: string | null }

export class Play {
  #api: Rooms
  #session: Pick<Session, 'ensurePlayer'>
  #seats: SeatMemory
  #state = $state.raw<PlayState>({ is: 'idle' })

  constructor(deps: { api: Rooms; session: Pick<Session, 'ensurePlayer'>; seats: SeatMemory }) {
    this.#api = deps.api
    this.#session = deps.session
    this.#seats = deps.seats
  }

  get state(): PlayState {
    return this.#state
  }

  /** Takes any free seat of the game. */
  quickPlay(game: string): Promise<void> {
    return this.#seat(() => this.#api.rooms.quickPlay.mutate({ game }))
  }

  /** Opens a room that only people with its link enter. */
  openPrivate(game: string): Promise<void> {
    return this.#seat(() => this.#api.rooms.openPrivate.mutate({ game }))
  }

  /** After `room`: another one, with the same people if it was private. */
  again(game: string, room: string): Promise<void> {
    return this.#seat(() => this.#api.rooms.again.mutate({ game, room }))
  }

  /** Takes a seat in that very room, the one held before if this tab has been in it. */
  join(room: string): Promise<void> {
    return this.#seat(async () => {
      const seat = this.#seats.inRoom(room)
      if (seat) {
        const back = await this.#api.rooms.rejoin.mutate(seat)
        if (back.ok) return back
      }
      return this.#api.rooms.join.mutate({ room })
    })
  }

  /** After a reload: back to the seat of this tab, or to another room when that one is gone. Does nothing without a seat. */
  async resume(game: string): Promise<void> {
    const seat = this.#seats.get(game)
    if (!seat) return
    let note: string | null = null
    await this.#seat(
      async () => {
        const back = await this.#api.rooms.rejoin.mutate(seat)
        if (back.ok) return back
        this.#seats.forget(game)
        note = 'Your last room is gone, so here is a fresh one.'
        return this.#api.rooms.again.mutate({ game, room: seat.room })
      },
      () => note,
    )
  }

  /** Loads the game anew in the same seat. */
  async reload(): Promise<void> {
    if (this.#state.is !== 'seated') return
    const { room, player } = this.#state.seat
    await this.#seat(() => this.#api.rooms.rejoin.mutate({ room, player }))
  }

  /** Gives the seat back; after a refusal, gives up on one. */
  async leave(): Promise<void> {
    const { state } = this
    if (state.is === 'refused') this.#state = { is: 'idle' }
    if (state.is !== 'seated') return
    this.#seats.forget(state.seat.game)
    await state.stage.leave()
    if (this.#state === state) this.#state = { is: 'idle' }
  }

  /** An ended room has no seat to come back to. */
  ended(): void {
    if (this.#state.is === 'seated') this.#seats.forget(this.#state.seat.game)
  }

  async #seat(ask: () => Promise<PlayAnswer>, note: () => string | null = () => null): Promise<void> {
    if (this.#state.is === 'seating') return // a second press of Play
    this.#state = { is: 'seating' }
    try {
      const player = await this.#session.ensurePlayer()
      if (!player.ok) {
        this.#state = { is: 'refused', reason: null, text: player.text, game: null }
        return
      }
      const answer = await ask()
      if (!answer.ok) {
        this.#state = { is: 'refused', reason: answer.reason, text: answer.text, game: answer.game }
        return
      }
      this.#seats.set(answer.game, { room: answer.room, player: answer.player })
      this.#state = { is: 'seated', seat: answer, stage: this.#stage(answer), note: note() }
    } catch (error) {
      this.#state = { is: 'refused', reason: null, text: explain(error).text, game: null }
    }
  }

  #stage({ room, player, ticket }: Seated): Stage {
    return new Stage({
      ticket,
      iceServers: async () => (await this.#api.rooms.iceServers.query()) as RTCIceServer[],
      newTicket: async () => {
        try {
          const answer = await this.#api.rooms.rejoin.mutate({ room, player })
          return answer.ok ? { ok: true, ticket: answer.ticket } : { ok: false, text: answer.text, final: true }
        } catch (error) {
          return { ok: false, text: explain(error).text, final: false }
        }
      },
    })
  }
}
