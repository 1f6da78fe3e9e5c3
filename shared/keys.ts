// The folder of a machine's keys, and what two machines tell each other once so that their doors open. For programs on Node only.
import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { nodeId } from './ids.ts'

const MAX_TOLD_BYTES = 16 * 1024

/** Sandbox -> website. The bridge's token stays where it was made; its SHA-256 is all that the website has to know. */
export const offerSchema = z.strictObject({
  node: nodeId,
  controlToken: z.string().regex(/^[\w-]{43}$/),
  bridgeDigest: z.string().regex(/^[0-9a-f]{64}$/),
})
/** Website -> sandbox. */
export const welcomeSchema = z.strictObject({
  ticketPublic: z.string().startsWith('-----BEGIN PUBLIC KEY-----').max(400),
})

export type Offer = z.infer<typeof offerSchema>
export type Welcome = z.infer<typeof welcomeSchema>

/** 256 bits, 43 characters. */
export const newToken = (): string => randomBytes(32).toString('base64url')

export class KeyFolder {
  #path: string

  constructor(path: string) {
    this.#path = path
  }

  /** Undefined when it was never made. */
  read(name: string): string | undefined {
    try {
      return readFileSync(join(this.#path, name), 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  /** Complete or as before, and for its owner alone. */
  write(name: string, text: string): void {
    const draft = join(this.#path, `.${name}`)
    writeFileSync(draft, text, { mode: 0o600, flush: true })
    renameSync(draft, join(this.#path, name))
  }

  /** What is there, else what `make` makes, which stays. */
  keep(name: string, make: () => string): string {
    const there = this.read(name)
    if (there !== undefined) return there
    const made = make()
    this.write(name, made)
    return made
  }
}

/** What the other machine says, from standard input. Throws an Error for the operator. */
export async function readTold<T>(schema: z.ZodType<T>, from: string): Promise<T> {
  let text = ''
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += chunk
    if (text.length > MAX_TOLD_BYTES) break
  }
  try {
    return schema.parse(JSON.parse(text))
  } catch {
    throw new Error(`What came in is not what ${from} prints. Nothing was changed.`)
  }
}
