// What pages may say and learn about games. Nothing here names an account beyond the creator's public name.
import { codeProblem, gameStatus, templateId } from '@sandlot/shared/contract.ts'
import { gameId } from '@sandlot/shared/ids.ts'
import { z } from 'zod'

/** Text of one line that people type: no control characters, so none of NUL, which Postgres cannot keep. */
const line = z
  .string()
  .trim()
  .regex(/^\P{Cc}*$/u, 'must not contain control characters')

const MAX_PAGE = 60 // games in one answer; a page shows 24

export const gameInput = z.strictObject({ game: gameId })
export const listInput = z.strictObject({
  search: line.max(100).default(''),
  limit: z.int().min(1).max(MAX_PAGE).default(24),
  /** `next` of the page before. */
  cursor: z.int().min(0).max(10_000).default(0),
})
export const createInput = z.strictObject({ title: line.min(1).max(60), template: templateId })

/** `playing`: seats taken now. `playable`: it has had a good build. `updatedAt`: ISO 8601. */
export const publicGame = z.object({
  id: gameId,
  title: z.string(),
  description: z.string(),
  creator: z.string(),
  minPlayers: z.int(),
  maxPlayers: z.int(),
  playing: z.int(),
  playable: z.boolean(),
  updatedAt: z.iso.datetime(),
})
export type PublicGame = z.infer<typeof publicGame>

/** `next` is the cursor of the following page, null on the last one. */
export const listAnswer = z.object({ games: z.array(publicGame), next: z.int().nullable() })
/** `playUrl` is the address for the iframe, `rooms` the number of open rooms. */
export const oneAnswer = publicGame.extend({ isOwner: z.boolean(), playUrl: z.url(), rooms: z.int() })
/** `status` is null while the machine of that game does not answer. */
export const mineAnswer = z.object({
  games: z.array(
    publicGame.extend({
      status: z
        .object({
          state: gameStatus.shape.state,
          why: gameStatus.shape.why,
          held: gameStatus.shape.held,
          rooms: z.int(),
          players: z.int(),
          problem: codeProblem.nullable(),
        })
        .nullable(),
    }),
  ),
})
export const createAnswer = z.object({ game: gameId })
export const removeAnswer = z.object({ game: gameId })
