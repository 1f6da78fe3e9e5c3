// The ways into a room.
import { playerProcedure, router } from '../trpc.ts'
import { again, join, openPrivate, quickPlay, rejoin } from './match.ts'
import { againInput, iceServers, joinInput, playAnswer, quickPlayInput, rejoinInput } from './shapes.ts'

const ENTER = { points: 4, nodeCalls: 1 }

export const roomsRouter = router({
  quickPlay: playerProcedure
    .meta(ENTER)
    .input(quickPlayInput)
    .output(playAnswer)
    .mutation(({ ctx, input }) => quickPlay(ctx, ctx.user, input.game)),
  openPrivate: playerProcedure
    .meta(ENTER)
    .input(quickPlayInput)
    .output(playAnswer)
    .mutation(({ ctx, input }) => openPrivate(ctx, ctx.user, input.game)),
  again: playerProcedure
    .meta(ENTER)
    .input(againInput)
    .output(playAnswer)
    .mutation(({ ctx, input }) => again(ctx, ctx.user, input.game, input.room)),
  join: playerProcedure
    .meta(ENTER)
    .input(joinInput)
    .output(playAnswer)
    .mutation(({ ctx, input }) => join(ctx, ctx.user, input.room)),
  iceServers: playerProcedure.output(iceServers).query(({ ctx }) => [...ctx.iceServers]),
  rejoin: playerProcedure
    .meta(ENTER)
    .input(rejoinInput)
    .output(playAnswer)
    .mutation(({ ctx, input }) => rejoin(ctx, ctx.user, input.room, input.player)),
})
