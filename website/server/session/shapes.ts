// Who is signed in, as pages see it.
import { z } from 'zod'

/** `guest`: plays without an account; `email` is null for guests. */
export const me = z
  .object({ id: z.string(), name: z.string(), email: z.string().nullable(), guest: z.boolean() })
  .nullable()
