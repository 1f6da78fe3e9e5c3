// The way to one sandbox node. The node is assumed hostile: every answer is capped in time and size and checked by its schema.
import type { ControlRouter } from '@sandlot/sandbox/supervisor/router.ts'
import { cappedFetch } from '@sandlot/shared/capped-fetch.ts'
import * as contract from '@sandlot/shared/contract.ts'
import { DOOR_TIMEOUT_MS, MAX_ANSWER_BYTES, MAX_DOOR_BODY_BYTES } from '@sandlot/shared/limits.ts'
import { createTRPCClient, httpLink, TRPCClientError } from '@trpc/client'
import type { z } from 'zod'
import { Circuit } from './circuit.ts'

/** `unreachable`: no answer in time. `refused`: an error instead of an answer. `malformed`: an answer that breaks the contract. */
export type ControlTrouble = 'unreachable' | 'refused' | 'malformed'

export class ControlError extends Error {
  override name = 'ControlError'
  readonly reason: ControlTrouble

  constructor(reason: ControlTrouble, call: string, options?: ErrorOptions) {
    super(`The control door's answer to ${call} is missing: ${reason}`, options)
    this.reason = reason
  }
}

type Door = ReturnType<typeof createTRPCClient<ControlRouter>>
type In<Schema extends z.ZodType> = z.input<Schema>

/** Every verb throws ControlError and nothing else. */
export class Control {
  #door: Door
  #fileDoor: Door // the same, with room for a file in its answer
  #circuit = new Circuit()

  constructor(url: string, token: string) {
    const open = (maxBytes: number): Door =>
      createTRPCClient<ControlRouter>({
        links: [httpLink({ url, headers: { authorization: `Bearer ${token}` }, fetch: cappedFetch(maxBytes) })],
      })
    this.#door = open(MAX_ANSWER_BYTES)
    this.#fileDoor = open(MAX_DOOR_BODY_BYTES)
  }

  createGame(input: In<typeof contract.createGame>) {
    return this.#call('games.create', contract.createAnswer, (door, signal) =>
      door.games.create.mutate(input, { signal }),
    )
  }
  removeGame(game: string) {
    return this.#call('games.remove', contract.gameAnswer, (door, signal) =>
      door.games.remove.mutate({ game }, { signal }),
    )
  }
  startGame(game: string) {
    return this.#call('games.start', contract.gameAnswer, (door, signal) =>
      door.games.start.mutate({ game }, { signal }),
    )
  }
  stopGame(game: string) {
    return this.#call('games.stop', contract.gameAnswer, (door, signal) => door.games.stop.mutate({ game }, { signal }))
  }
  /** `timeoutMs`: a page that only decorates itself with this does not wait as long as one that needs it. */
  listGames(timeoutMs: number = DOOR_TIMEOUT_MS) {
    const call = (door: Door, signal: AbortSignal) => door.games.list.query(undefined, { signal })
    return this.#call('games.list', contract.gamesList, call, timeoutMs)
  }
  gameStatus(game: string) {
    const aboutIt = contract.statusAnswer.refine((answer) => !answer.ok || answer.status.game === game)
    return this.#call('games.status', aboutIt, (door, signal) => door.games.status.query({ game }, { signal }))
  }
  ensureRoom(game: string, room: string) {
    return this.#call('rooms.ensure', contract.ensureRoomAnswer, (door, signal) =>
      door.rooms.ensure.mutate({ game, room }, { signal }),
    )
  }
  /** The room ends; its game runs on. */
  closeRoom(game: string, room: string) {
    return this.#call('rooms.close', contract.gameAnswer, (door, signal) =>
      door.rooms.close.mutate({ game, room }, { signal }),
    )
  }
  listFiles(game: string) {
    return this.#call('files.list', contract.filesAnswer, (door, signal) => door.files.list.query({ game }, { signal }))
  }
  readFile(game: string, path: string) {
    const aboutIt = contract.readAnswer.refine((answer) => !answer.ok || answer.file.path === path)
    return this.#call('files.read', aboutIt, (_, signal) => this.#fileDoor.files.read.query({ game, path }, { signal }))
  }
  writeFile(input: In<typeof contract.writeFile>) {
    return this.#call('files.write', contract.writeAnswer, (door, signal) => door.files.write.mutate(input, { signal }))
  }
  removeFile(input: In<typeof contract.removeFile>) {
    return this.#call('files.remove', contract.removeAnswer, (door, signal) =>
      door.files.remove.mutate(input, { signal }),
    )
  }
  sftpInfo(game: string) {
    return this.#call('sftp.info', contract.sftpInfo, (door, signal) => door.sftp.info.query({ game }, { signal }))
  }
  setKeys(input: In<typeof contract.setKeys>) {
    return this.#call('sftp.setKeys', contract.setKeysAnswer, (door, signal) =>
      door.sftp.setKeys.mutate(input, { signal }),
    )
  }

  async #call<T>(
    name: string,
    schema: z.ZodType<T>,
    work: (door: Door, signal: AbortSignal) => Promise<unknown>,
    timeoutMs: number = DOOR_TIMEOUT_MS,
  ): Promise<T> {
    const answer = await this.#circuit.run(async () => {
      const signal = AbortSignal.timeout(timeoutMs)
      try {
        return { ok: true as const, value: await work(this.#door, signal), late: false }
      } catch (cause) {
        const late = signal.aborted && timeoutMs === DOOR_TIMEOUT_MS // who waited less has not waited in vain
        return { ok: false as const, cause, late }
      }
    })
    if (!answer) throw new ControlError('unreachable', name)
    if (!answer.ok) {
      const { cause } = answer
      const answered = cause instanceof TRPCClientError && cause.data?.code !== undefined
      throw new ControlError(answered ? 'refused' : 'unreachable', name, { cause })
    }
    const parsed = schema.safeParse(answer.value)
    if (!parsed.success) throw new ControlError('malformed', name, { cause: parsed.error })
    return parsed.data
  }
}
