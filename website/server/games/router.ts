// The games: browse, open, make, remove.
import { creatorProcedure, ownerProcedure, publicProcedure, router } from '../trpc.ts'
import { createGame, getGame, myGames, removeGame } from './games.ts'
import {
  createAnswer,
  createInput,
  gameInput,
  listAnswer,
  listInput,
  mineAnswer,
  oneAnswer,
  removeAnswer,
} from './shapes.ts'
import { listGames } from './store.ts'

export const gamesRouter = router({
  list: publicProcedure
    .meta({ points: 3, nodeCalls: 0 }) // it searches all games
    .input(listInput)
    .output(listAnswer)
    .query(({ ctx, input }) => listGames(ctx.db, input)),
  get: publicProcedure
    .input(gameInput)
    .output(oneAnswer)
    .query(async ({ ctx, input }) => getGame(ctx, input.game, await ctx.person())),
  mine: creatorProcedure
    .meta({ points: 4, nodeCalls: 1 })
    .output(mineAnswer)
    .query(({ ctx }) => myGames(ctx, ctx.user.id)),
  create: creatorProcedure
    .meta({ points: 10, nodeCalls: 2 })
    .input(createInput)
    .output(createAnswer)
    .mutation(({ ctx, input }) => createGame(ctx, ctx.user, input)),
  remove: ownerProcedure
    .meta({ points: 10, nodeCalls: 2 })
    .input(gameInput)
    .output(removeAnswer)
    .mutation(({ ctx }) => removeGame(ctx, ctx.user.id, ctx.game)),
})
