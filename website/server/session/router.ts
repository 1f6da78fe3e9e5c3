// Who is signed in, and whom to ask who cannot sign in.
import { publicProcedure, router } from '../trpc.ts'
import { help, me } from './shapes.ts'

export const sessionRouter = router({
  me: publicProcedure.output(me).query(({ ctx }) => ctx.person()),
  help: publicProcedure.output(help).query(({ ctx }) => ({ contact: ctx.contact })),
})
