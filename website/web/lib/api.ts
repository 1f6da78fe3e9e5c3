// The one connection to the website's server. Pages know its types, never its code.
import { createTRPCClient, httpBatchLink, httpLink, splitLink } from '@trpc/client'
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server'
import type { AppRouter } from '../../server/router.ts'

const MAX_CALLS = 10 // in one request; the server takes no more
const url = '/api/trpc'

/** For a call that needs no game server, and must not wait for those that do: calls of one moment share a request. */
export const ALONE = { context: { alone: true } } as const

export const api = createTRPCClient<AppRouter>({
  links: [
    splitLink({
      condition: ({ context }) => context.alone === true,
      true: httpLink({ url }),
      false: httpBatchLink({ url, maxItems: MAX_CALLS, maxURLLength: 2_000 }),
    }),
  ],
})
export type Api = typeof api

type Outputs = inferRouterOutputs<AppRouter>
export type Person = NonNullable<Outputs['session']['me']>
export type GameCard = Outputs['games']['list']['games'][number]
export type GamePage = Outputs['games']['get']
export type MyGame = Outputs['games']['mine']['games'][number]
export type Template = inferRouterInputs<AppRouter>['games']['create']['template']
export type PlayAnswer = Outputs['rooms']['quickPlay']
export type Status = Outputs['studio']['status']
export type GameFile = Outputs['studio']['files']['files'][number]
export type CodeProblem = NonNullable<Status['problem']>
