import { sshKey } from '@sandlot/shared/contract.ts'
import { TRPCClientError } from '@trpc/client'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { explain } from './failure.ts'

/** What a page is told when the server refuses `input`. */
function refusal(schema: z.ZodType, input: unknown): string {
  const { message } = schema.safeParse(input).error!
  const json = { error: { message, code: -32600, data: { code: 'BAD_REQUEST', httpStatus: 400 } } }
  const failure = explain(TRPCClientError.from(json as never))
  expect(failure.kind).toBe('refused')
  return failure.text
}

it('a refused input is explained in a sentence, without the name of its field', () => {
  expect(refusal(z.object({ keys: z.array(sshKey) }), { keys: ['what'] })).toBe(
    'This is not an SSH public key (paste the line of your .pub file).',
  )
  const room = z.string().regex(/^r.{19}$/, 'This link is not complete.')
  expect(refusal(z.object({ room }), { room: 'r12' })).toBe('This link is not complete.')
})

it('a refusal without words of ours says which field it is about', () => {
  expect(refusal(z.object({ title: z.string().max(3) }), { title: 'long' })).toMatch(/^title: Too big/)
})

it('an error without an answer of ours means that Sandlot is away', () => {
  expect(explain(new TRPCClientError('Failed to fetch')).kind).toBe('offline')
})
