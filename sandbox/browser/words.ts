// How much one page says to its host: all of it takes from one allowance that stays so far below the host's own that it may arrive in lumps, so that no game, whatever it sends,
// costs its player the connection.
import { Bucket } from '@sandlot/shared/bucket.ts'
import { MESSAGES_PER_SECOND, MESSAGES_SAID_AT_ONCE } from '@sandlot/shared/limits.ts'

const FEW = 10 // that are said without asking: `hello`, `leave`, `away`, `ping`, what browsers need to connect

export const newWords = (): Bucket => new Bucket(MESSAGES_PER_SECOND, MESSAGES_SAID_AT_ONCE - FEW)
