// What the control door can ask of this node. The door (router.ts) checks and words; whoever implements this acts.
import type {
  createAnswer,
  createGame,
  ensureRoomAnswer,
  filesAnswer,
  gameAnswer,
  gamesList,
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
import type { z } from 'zod'

export type GameAnswer = z.infer<typeof gameAnswer>
export type EnsureAnswer = z.infer<typeof ensureRoomAnswer>
export type SftpInfo = z.infer<typeof sftpInfo>

/** Names were checked before they come here. Expected failures are returned; a throw is a bug or a broken machine. */
export interface Control {
  /** Copies a template into a new folder and gives it its title. */
  createGame(input: z.infer<typeof createGame>): Promise<z.infer<typeof createAnswer>>
  /** Stops the game and deletes its files and builds. */
  removeGame(game: string): Promise<GameAnswer>
  /** Its creator wants it to run: resolves when the game takes players, whatever had stopped it. */
  startGame(game: string): Promise<GameAnswer>
  /** Ends its rooms. Nothing but `startGame` starts it again, also when this node was restarted meanwhile. */
  stopGame(game: string): Promise<GameAnswer>
  listGames(): Promise<z.infer<typeof gamesList>>
  status(game: string): Promise<z.infer<typeof statusAnswer>>
  /** Makes the room unless it is there, and starts the game first when it is not running. */
  ensureRoom(game: string, room: string): Promise<EnsureAnswer>
  closeRoom(game: string, room: string): Promise<GameAnswer>
  listFiles(game: string): Promise<z.infer<typeof filesAnswer>>
  readFile(game: string, path: string): Promise<z.infer<typeof readAnswer>>
  writeFile(input: z.infer<typeof writeFile>): Promise<z.infer<typeof writeAnswer>>
  removeFile(input: z.infer<typeof removeFile>): Promise<z.infer<typeof removeAnswer>>
  sftpInfo(game: string): Promise<SftpInfo>
  /**
   * Replaces the owner's keys, by none when no game of theirs is here; sessions that an old key opened are cut. Nothing when a later
   * version has come already.
   */
  setKeys(input: z.infer<typeof setKeys>): Promise<z.infer<typeof setKeysAnswer>>
}
