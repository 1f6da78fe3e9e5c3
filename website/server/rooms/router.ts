// The ways into a room.
import { playerProcedure, router } from '../trpc.ts'
import { join, quickPlay, rejoin } from './match.ts'
import { iceServers, joinInput, playAnswer, quickPlayInput, rejoinInput } from './shapes.ts'

export const roomsRouter = router({
  quickPlay: playerProcedure
    .input(quickPlayInput)
    .output(playAnswer)
    .mutation(({ ctx, input }) => quickPlay(ctx, ctx.user, input.game)),
  join: playerProcedure
    .input(joinInput)
    .output(playAnswer)
    .mutation(({ ctx, input }) => join(ctx, ctx.user, input.room)),
  iceServers: playerProcedure.output(iceServers).query(({ ctx }) => [...ctx.iceServers]),
  rejoin: playerProcedure
    .input(rejoinInput)
    .output(playAnswer)
    .mutation(({ ctx, input }) => rejoin(ctx, ctx.user, input.room, input.player)),
})
