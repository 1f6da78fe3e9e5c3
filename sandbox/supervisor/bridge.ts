// The way to the website's bridge. Its answers are checked like anybody's; a failure says whether trying again makes sense.

import type { BridgeRouter } from '@sandlot/bridge/router.ts'
import { cappedFetch } from '@sandlot/shared/capped-fetch.ts'
import { bridgeAnswer, storeEntries } from '@sandlot/shared/contract.ts'
import { DOOR_TIMEOUT_MS, MAX_ANSWER_BYTES } from '@sandlot/shared/limits.ts'
import { assertNever } from '@sandlot/shared/reasons.ts'
import { createTRPCClient, httpLink, TRPCClientError } from '@trpc/client'
import type { Report } from './report.ts'
import type { Bridge } from './reports.ts'

const NEVER = ['BAD_REQUEST', 'PARSE_ERROR', 'NOT_FOUND', 'METHOD_NOT_SUPPORTED', 'PAYLOAD_TOO_LARGE'] // our mistake: no retry mends it

export function connectBridge(url: string, token: string): Bridge {
  const client = createTRPCClient<BridgeRouter>({
    links: [httpLink({ url, headers: { authorization: `Bearer ${token}` }, fetch: cappedFetch(MAX_ANSWER_BYTES) })],
  })
  const send = (report: Report, seq: number, signal: AbortSignal): Promise<unknown> => {
    switch (report.to) {
      case 'builds.report':
        return client.builds.report.mutate({ ...report.input, seq }, { signal })
      case 'rooms.report':
        return client.rooms.report.mutate({ ...report.input, seq }, { signal })
      case 'rooms.seat':
        return client.rooms.seat.mutate({ ...report.input, seq }, { signal })
      case 'store.set':
        return client.store.set.mutate({ ...report.input, seq }, { signal })
      case 'logs.append':
        return client.logs.append.mutate({ ...report.input, seq }, { signal })
      default:
        return assertNever(report)
    }
  }
  return {
    async deliver(report, seq) {
      try {
        const answer = await send(report, seq, AbortSignal.timeout(DOOR_TIMEOUT_MS))
        return { type: 'answered', answer: bridgeAnswer.parse(answer) }
      } catch (error) {
        const code = error instanceof TRPCClientError ? error.data?.code : undefined
        return { type: deliveryOf(code), why: text(error) }
      }
    },
    async loadStore(game) {
      try {
        const entries = await client.store.load.query({ game }, { signal: AbortSignal.timeout(DOOR_TIMEOUT_MS / 2) })
        return { ok: true, entries: storeEntries.parse(entries) }
      } catch (error) {
        return {
          ok: false,
          why: `What the game has kept cannot be read: the website does not answer (${text(error)}).`,
        }
      }
    },
  }
}

function deliveryOf(code: string | undefined): 'refused' | 'failed' | 'too-many' | 'try-again' {
  if (code === 'INTERNAL_SERVER_ERROR') return 'failed'
  if (code === 'TOO_MANY_REQUESTS') return 'too-many'
  return code !== undefined && NEVER.includes(code) ? 'refused' : 'try-again'
}

const text = (error: unknown): string => (error instanceof Error ? error.message : String(error))
