// A creator's files, keys and running game, through the control door of the game's own node.
import { creatorProcedure, ownerProcedure, router } from '../trpc.ts'
import { deleteFile, listFiles, readFile, saveFile } from './files.ts'
import { listKeys, setKeys } from './keys.ts'
import { gameStatus, startGame, stopGame, storedLog } from './run.ts'
import * as shapes from './shapes.ts'

const ONE_FILE = { points: 4, nodeCalls: 1 }
const ALL_FILES = { points: 10, nodeCalls: 1 }
const CHANGE = { points: 5, nodeCalls: 1 } // a file of several megabytes, perhaps

export const studioRouter = router({
  status: ownerProcedure
    .meta({ points: 4, nodeCalls: 2 })
    .input(shapes.gameInput)
    .output(shapes.statusAnswer)
    .query(({ ctx }) => gameStatus(ctx.game.node.control, ctx.game.id)),
  log: ownerProcedure
    .meta({ points: 3, nodeCalls: 0 }) // up to five hundred lines
    .input(shapes.gameInput)
    .output(shapes.logAnswer)
    .query(({ ctx }) => storedLog(ctx.db, ctx.game.id)),
  start: ownerProcedure
    .meta({ points: 4, nodeCalls: 1 })
    .input(shapes.gameInput)
    .output(shapes.runAnswer)
    .mutation(({ ctx }) => startGame(ctx.game.node.control, ctx.game.id)),
  stop: ownerProcedure
    .meta({ points: 4, nodeCalls: 1 })
    .input(shapes.gameInput)
    .output(shapes.runAnswer)
    .mutation(({ ctx }) => stopGame(ctx.game.node.control, ctx.game.id)),
  files: ownerProcedure
    .meta(ALL_FILES)
    .input(shapes.gameInput)
    .output(shapes.filesAnswer)
    .query(({ ctx }) => listFiles(ctx.game.node.control, ctx.game.id)),
  read: ownerProcedure
    .meta(ONE_FILE)
    .input(shapes.fileInput)
    .output(shapes.readAnswer)
    .query(({ ctx, input }) => readFile(ctx.game.node.control, ctx.game.id, input.path)),
  write: ownerProcedure
    .meta(CHANGE)
    .input(shapes.writeInput)
    .output(shapes.writeAnswer)
    .mutation(({ ctx, input }) => saveFile(ctx.game.node.control, input)),
  removeFile: ownerProcedure
    .meta(CHANGE)
    .input(shapes.removeInput)
    .output(shapes.removeAnswer)
    .mutation(({ ctx, input }) => deleteFile(ctx.game.node.control, input)),
  keys: creatorProcedure
    .output(shapes.keysAnswer)
    .query(async ({ ctx }) => ({ keys: await listKeys(ctx.db, ctx.user.id) })),
  setKeys: creatorProcedure
    .meta({ points: 10, nodeCalls: 1 })
    .input(shapes.keysInput)
    .output(shapes.setKeysAnswer)
    .mutation(({ ctx, input }) => setKeys(ctx, ctx.user.id, input.keys)),
})
