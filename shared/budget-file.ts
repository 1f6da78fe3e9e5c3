// The operator's file of budgets: {"default": {"rooms": 50}, "games": {"pong": {"cpuMsPerSecond": 400}}}; every part may be missing.
import { z } from 'zod'
import { type Budgets, DEFAULT_BUDGETS, METERS } from './budgets.ts'
import { gameId } from './ids.ts'
import { MAX_FRAME_OUTPUT_CHARS, MAX_LINK_LINE_CHARS, MAX_ROOMS_PER_GAME, MAX_STORE_BYTES, STALL_MS } from './limits.ts'

const amount = z.int().positive()
// Where another part of the house has a limit of its own, a budget can only be lower.
const changes = z.strictObject({
  ...(Object.fromEntries([...METERS, 'cpuCreditMs'].map((name) => [name, amount])) as Record<
    keyof Budgets,
    typeof amount
  >),
  rooms: amount.max(MAX_ROOMS_PER_GAME), // the website makes no more
  roomMemoryMiB: amount.min(8), // V8 does not start with less
  frameMs: amount.max(STALL_MS / 2), // the watchdog ends what is silent for longer
  cpuMsPerSecond: amount.max(1_000), // rooms of a game share one thread
  stateBytes: amount.max(MAX_LINK_LINE_CHARS / 2),
  frameOutputBytes: amount.max(MAX_FRAME_OUTPUT_CHARS),
  storeBytes: amount.max(MAX_STORE_BYTES),
})
export const budgetsSchema: z.ZodType<Budgets> = changes
const file = z.strictObject({
  default: changes.partial().default({}),
  games: z.record(gameId, changes.partial()).default({}),
})

/** Budgets of each game by its id. Throws an Error whose message names what is wrong in the file's text. */
export function readBudgets(text: string): (game: string) => Budgets {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new Error(`is not JSON (${error instanceof Error ? error.message : error})`)
  }
  const parsed = file.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new Error(`${issue?.path.join('.') || 'the file'}: ${issue?.message}`)
  }
  const { default: all, games } = parsed.data
  return (game) => ({ ...DEFAULT_BUDGETS, ...all, ...(Object.hasOwn(games, game) ? games[game] : {}) }) as Budgets
}
