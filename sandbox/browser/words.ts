// How much one page says to its host: all of it takes from one allowance that stays below the host's own, so that no game, whatever it sends,
// costs its player the connection.
import { Bucket } from '@sandlot/shared/bucket.ts'
import { MESSAGE_BURST, MESSAGES_PER_SECOND } from '@sandlot/shared/limits.ts'

const FEW = 10 // that are said without asking: `hello`, `leave`, `away`, what browsers need to connect

export const newWords = (): Bucket => new Bucket(MESSAGES_PER_SECOND, MESSAGE_BURST - FEW)
