// All that a sandbox node may say to the website. Every answer is named; nothing else leaves.
import {
  appendLog,
  bridgeAnswer,
  oneGame,
  reportBuild,
  reportRoom,
  reportSeat,
  storeEntries,
  storeSet,
} from '@sandlot/shared/contract.ts'
import { TRPCError } from '@trpc/server'
import * as store from './store.ts'
import { nodeProcedure, router } from './trpc.ts'

export const bridgeRouter = router({
  builds: router({
    /** A game has a new build: what its game.json says is now what the site says. */
    report: nodeProcedure
      .input(reportBuild)
      .output(bridgeAnswer)
      .mutation(({ ctx, input }) => store.reportBuild(ctx, input)),
  }),
  rooms: router({
    report: nodeProcedure
      .input(reportRoom)
      .output(bridgeAnswer)
      .mutation(({ ctx, input }) => store.reportRoom(ctx, input)),
    seat: nodeProcedure
      .input(reportSeat)
      .output(bridgeAnswer)
      .mutation(({ ctx, input }) => store.reportSeat(ctx, input)),
  }),
  store: router({
    load: nodeProcedure
      .input(oneGame)
      .output(storeEntries)
      .query(async ({ ctx, input }) => {
        const entries = await store.loadStore(ctx, input.game)
        if (!entries) throw new TRPCError({ code: 'FORBIDDEN', message: 'This game is not placed on your node.' })
        return entries
      }),
    /** A null value removes the name. */
    set: nodeProcedure
      .input(storeSet)
      .output(bridgeAnswer)
      .mutation(({ ctx, input }) => store.setStore(ctx, input)),
  }),
  logs: router({
    append: nodeProcedure
      .input(appendLog)
      .output(bridgeAnswer)
      .mutation(({ ctx, input }) => store.appendLog(ctx, input)),
  }),
})

export type BridgeRouter = typeof bridgeRouter
