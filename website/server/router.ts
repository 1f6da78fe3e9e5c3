// Everything a page may ask of the website. Pages import only its type.
import { gamesRouter } from './games/router.ts'
import { roomsRouter } from './rooms/router.ts'
import { sessionRouter } from './session/router.ts'
import { studioRouter } from './studio/router.ts'
import { router } from './trpc.ts'

export const appRouter = router({
  session: sessionRouter,
  games: gamesRouter,
  rooms: roomsRouter,
  studio: studioRouter,
})
export type AppRouter = typeof appRouter
