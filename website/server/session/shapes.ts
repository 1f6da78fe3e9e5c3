// Who is signed in, as pages see it.
import { z } from 'zod'

/** `guest`: plays without an account; `email` is null for guests. */
export const me = z
  .object({ id: z.string(), name: z.string(), email: z.string().nullable(), guest: z.boolean() })
  .nullable()

/** How to reach the operator, as they say it; null when they do not. */
export const help = z.object({ contact: z.string().nullable() })
