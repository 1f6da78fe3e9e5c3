// What a creator does with whole games: both the database and the game's node have to follow.
import type { templateId } from '@sandlot/shared/contract.ts'
import { TRPCError } from '@trpc/server'
import type { z } from 'zod'
import type { Database } from '../../db/database.ts'
import { type Node, playUrl } from '../control/nodes.ts'
import { pushKeys, withdrawKeys } from '../studio/keys.ts'
import type { Person, Placed, Services } from '../trpc.ts'
import { deleteGame, findGame, gamesOf, insertGame, MAX_GAMES_PER_CREATOR, openRooms, toPublic } from './store.ts'

const STATUS_TIMEOUT_MS = 2_000 // the list of games is useful without it

export async function getGame({ db, nodes }: Services, id: string, person: Person | null) {
  const row = await findGame(db, id)
  if (!row)
    throw new TRPCError({ code: 'NOT_FOUND', message: 'There is no game of this name. It may have been removed.' })
  return {
    ...toPublic(row),
    isOwner: person?.id === row.owner_id,
    playUrl: playUrl(nodes.get(row.node_id), id),
    rooms: await openRooms(db, id),
  }
}

/** A creator's games, each with what its node says of it, or null where the node does not answer. */
export async function myGames({ db, nodes }: Services, owner: string) {
  const rows = await gamesOf(db, owner)
  const used = nodes.all.filter((node) => rows.some((row) => row.node_id === node.id))
  const answers = await Promise.allSettled(used.map((node) => node.control.listGames(STATUS_TIMEOUT_MS)))
  const said = answers.flatMap((answer, i) =>
    answer.status === 'fulfilled' ? answer.value.map((status) => ({ ...status, node: used[i]!.id })) : [],
  )
  const statusOf = (id: string, node: string) =>
    said.find((status) => status.game === id && status.node === node) ?? null
  return { games: rows.map((row) => ({ ...toPublic(row), status: statusOf(row.id, row.node_id) })) }
}

/** Makes a game from a template. When its node cannot, nothing is left behind. */
export async function createGame(
  services: Services,
  person: Person,
  { title, template }: { title: string; template: z.infer<typeof templateId> },
): Promise<{ game: string }> {
  const { db, nodes } = services
  const placed = await insertGame(db, { owner: person.id, title, nodes: nodes.all.map((node) => node.id) })
  if (!placed)
    throw new TRPCError({
      code: 'PRECONDITION_FAILED',
      message: `A creator can have ${MAX_GAMES_PER_CREATOR} games, and a title only so many. Remove a game, or choose another title.`,
    })
  const { control } = nodes.get(placed.node)
  try {
    const answer = await control.createGame({ game: placed.id, owner: person.id, template, title })
    if (!answer.ok)
      throw answer.reason === 'disk-full'
        ? new TRPCError({
            code: 'SERVICE_UNAVAILABLE',
            message: "The game server's disk is full, so no game can be made. Its operator can make room.",
          })
        : new TRPCError({
            code: 'CONFLICT',
            message: 'The game server has a game of this name already. Choose another title.',
          })
  } catch (error) {
    // It may have been made although its answer was lost. A game of another creator is not at risk: its name would have been taken here.
    if (!(error instanceof TRPCError)) await control.removeGame(placed.id).catch(() => {})
    await deleteGame(db, placed.id)
    throw error
  }
  await pushKeys(services, person.id)
  return { game: placed.id }
}

/** Removes a game with its files. */
export async function removeGame(
  placed: Placed,
  owner: string,
  { id, node }: { id: string; node: Node },
): Promise<{ game: string }> {
  if (!(await takeAway(placed.db, { id, node })))
    throw new TRPCError({
      code: 'SERVICE_UNAVAILABLE',
      message: 'The game server cannot remove this game now. Try again.',
    })
  await withdrawKeys(placed, owner, node)
  return { game: id }
}

/** False: its node cannot now. The node goes first: a game that only the node knows could never be removed again. */
export async function takeAway(db: Database, { id, node }: { id: string; node: Node }): Promise<boolean> {
  const answer = await node.control.removeGame(id)
  if (!answer.ok && answer.reason !== 'no-such-game') return false
  await deleteGame(db, id)
  return true
}
