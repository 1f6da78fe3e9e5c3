// The control door: all that the website may ask of a sandbox node. Outputs are checked too, so nothing unnamed leaves.
import {
  createAnswer,
  createGame,
  ensureRoom,
  ensureRoomAnswer,
  filesAnswer,
  gameAnswer,
  gamesList,
  oneFile,
  oneGame,
  readAnswer,
  removeAnswer,
  removeFile,
  setKeys,
  setKeysAnswer,
  sftpInfo,
  statusAnswer,
  writeAnswer,
  writeFile,
} from '@sandlot/shared/contract.ts'
import { router, websiteProcedure } from './trpc.ts'

export const controlRouter = router({
  games: router({
    create: websiteProcedure
      .input(createGame)
      .output(createAnswer)
      .mutation(({ ctx, input }) => ctx.control.createGame(input)),
    remove: websiteProcedure
      .input(oneGame)
      .output(gameAnswer)
      .mutation(({ ctx, input }) => ctx.control.removeGame(input.game)),
    start: websiteProcedure
      .input(oneGame)
      .output(gameAnswer)
      .mutation(({ ctx, input }) => ctx.control.startGame(input.game)),
    stop: websiteProcedure
      .input(oneGame)
      .output(gameAnswer)
      .mutation(({ ctx, input }) => ctx.control.stopGame(input.game)),
    list: websiteProcedure.output(gamesList).query(({ ctx }) => ctx.control.listGames()),
    status: websiteProcedure
      .input(oneGame)
      .output(statusAnswer)
      .query(({ ctx, input }) => ctx.control.status(input.game)),
  }),
  rooms: router({
    ensure: websiteProcedure
      .input(ensureRoom)
      .output(ensureRoomAnswer)
      .mutation(({ ctx, input }) => ctx.control.ensureRoom(input.game, input.room)),
    close: websiteProcedure
      .input(ensureRoom)
      .output(gameAnswer)
      .mutation(({ ctx, input }) => ctx.control.closeRoom(input.game, input.room)),
  }),
  files: router({
    list: websiteProcedure
      .input(oneGame)
      .output(filesAnswer)
      .query(({ ctx, input }) => ctx.control.listFiles(input.game)),
    read: websiteProcedure
      .input(oneFile)
      .output(readAnswer)
      .query(({ ctx, input }) => ctx.control.readFile(input.game, input.path)),
    write: websiteProcedure
      .input(writeFile)
      .output(writeAnswer)
      .mutation(({ ctx, input }) => ctx.control.writeFile(input)),
    remove: websiteProcedure
      .input(removeFile)
      .output(removeAnswer)
      .mutation(({ ctx, input }) => ctx.control.removeFile(input)),
  }),
  sftp: router({
    info: websiteProcedure
      .input(oneGame)
      .output(sftpInfo)
      .query(({ ctx, input }) => ctx.control.sftpInfo(input.game)),
    setKeys: websiteProcedure
      .input(setKeys)
      .output(setKeysAnswer)
      .mutation(({ ctx, input }) => ctx.control.setKeys(input)),
  }),
})

export type ControlRouter = typeof controlRouter
