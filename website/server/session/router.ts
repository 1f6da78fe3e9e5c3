// Who is signed in.
import { publicProcedure, router } from '../trpc.ts'
import { me } from './shapes.ts'

export const sessionRouter = router({
  me: publicProcedure.output(me).query(({ ctx }) => ctx.person()),
})
