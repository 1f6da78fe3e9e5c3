// Turns whatever a request threw into a kind to branch on and a sentence that says what to do next.
import { TRPCClientError } from '@trpc/client'

export type FailureKind = 'offline' | 'sign-in' | 'forbidden' | 'not-found' | 'refused' | 'busy' | 'broken'
export interface Failure {
  kind: FailureKind
  text: string
}

const KINDS: Record<string, FailureKind> = {
  UNAUTHORIZED: 'sign-in',
  FORBIDDEN: 'forbidden',
  NOT_FOUND: 'not-found',
  BAD_REQUEST: 'refused',
  CONFLICT: 'refused',
  PAYLOAD_TOO_LARGE: 'refused',
  PRECONDITION_FAILED: 'refused',
  TOO_MANY_REQUESTS: 'busy',
  SERVICE_UNAVAILABLE: 'busy',
  TIMEOUT: 'busy',
}
const TEXTS: Record<FailureKind, string> = {
  offline: 'Sandlot cannot be reached. Check your connection, then try again.',
  'sign-in': 'Sign in to do this.',
  forbidden: 'This belongs to another creator. Open one of your own games in the studio.',
  'not-found': 'There is nothing here. It may have been removed.',
  refused: 'That did not pass the checks. Look over what you entered.',
  busy: 'Sandlot is busy right now. Wait a moment, then try again.',
  broken: 'Something broke on our side. Try again in a moment.',
}

/** The kind and text of an error from the api. Never throws. */
export function explain(error: unknown): Failure {
  if (!(error instanceof TRPCClientError)) return { kind: 'broken', text: TEXTS.broken }
  const data: { code?: unknown } | undefined = error.data
  // no data: the answer did not come from our router, so the server is away or something in between answered
  if (!data) return { kind: 'offline', text: TEXTS.offline }
  const kind = KINDS[String(data.code)] ?? 'broken'
  return { kind, text: textOf(kind, error.message) }
}

function textOf(kind: FailureKind, message: string): string {
  if (kind === 'broken' || kind === 'offline') return TEXTS[kind] // the message of a bug means nothing to a reader
  if (!message.startsWith('[')) return message || TEXTS[kind]
  return issueText(message) ?? TEXTS[kind]
}

/** The first sentence of a zod error, which tRPC sends as JSON. */
function issueText(json: string): string | undefined {
  try {
    const [issue] = JSON.parse(json) as { path?: unknown[]; message?: unknown }[]
    if (typeof issue?.message !== 'string') return undefined
    const { message } = issue
    if (/^[a-z]/.test(message)) return `This ${message}${message.endsWith('.') ? '' : '.'}` // ours: 'is not a room id'
    if (!/^(Too|Invalid|Unrecognized) /.test(message)) return message // ours: a whole sentence
    const field = issue.path?.filter((part) => typeof part === 'string').join(', ')
    return field ? `${field}: ${message}` : message
  } catch {
    return undefined
  }
}
