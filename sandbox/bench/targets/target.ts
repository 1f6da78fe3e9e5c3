// What a workload may do with a server, whichever it is.
import type { ChildProcess } from 'node:child_process'
import type { Json } from '@sandlot/shared/protocol/messages.ts'
import type { Player } from './player.ts'

export const TARGETS = ['ours', 'colyseusDefault', 'colyseusTuned', 'raw'] as const
export type TargetName = (typeof TARGETS)[number]
export const GAMES = ['arena', 'crowd', 'echo', 'board'] as const
export type GameName = (typeof GAMES)[number]

export interface Options {
  game: GameName
  /** Decimal places that `ours` declares in game.json: by default what the game's folder says; `none` takes the line out. */
  precision: string | undefined
  /** Ours only: the folder for a CPU profile of the host. */
  profile: string | undefined
}

/** One room on the server. */
export interface Room {
  /** A further player, once it has the room's state (in a game without state: once it is in). */
  join(): Promise<Player>
}

export interface Server {
  readonly pid: number
  /** What a report says as this target's clients see it: numbers rounded to the declared precision, where there is one. */
  seen(report: Json): Json
  /** A new room; resolves when the server says that it exists. */
  create(): Promise<Room>
  stop(): Promise<void>
}

/** Resolves with the port in the line `port N` that `child` prints. */
export function printedPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = ''
    child.stdout!.setEncoding('utf8').on('data', (text) => {
      output += text
      const port = /^port (\d+)$/m.exec(output)?.[1]
      if (port) resolve(Number(port))
    })
    child.once('exit', (code) => reject(new Error(`the server exited with ${code}: ${output}`)))
  })
}

export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await closed
  clearTimeout(timer)
}
