// The appliance's data (nix/appliance) as Nix evaluates it, in the shapes that it has.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { z } from 'zod'

const HERE = fileURLToPath(new URL('../appliance', import.meta.url))

const value = z.union([z.string(), z.number(), z.boolean()])
const section = z.record(z.string(), z.union([value, z.array(value)]))
const unit = z.object({ reasons: z.array(z.string()) }).catchall(z.union([section, z.array(z.string())]))
const account = z.object({ uid: z.int(), groups: z.array(z.string()), home: z.string() })
const machine = z.object({
  name: z.enum(['website', 'sandbox']),
  users: z.record(z.string(), account),
  groups: z.record(z.string(), z.int()),
  units: z.record(z.string(), unit),
  /** What a single unit of a template has otherwise: its name -> sections. */
  dropins: z.record(z.string(), z.record(z.string(), section)),
  files: z.record(z.string(), z.string()),
  /** Programs for the operator: name -> script. */
  commands: z.record(z.string(), z.string()),
  nftables: z.string(),
  tmpfiles: z.array(z.string()),
  sysctl: z.record(z.string(), value),
  journald: z.record(z.string(), value),
  coredump: z.record(z.string(), value),
  postgres: z
    .object({
      settings: z.record(z.string(), value),
      roles: z.string(),
      hba: z.string(),
      ident: z.string(),
    })
    .optional(),
})
const appliance = z.object({ settings: z.record(z.string(), z.json()), website: machine, sandbox: machine })

export type Value = z.infer<typeof value>
export type Section = z.infer<typeof section>
export type Unit = z.infer<typeof unit>
export type Machine = z.infer<typeof machine>
export type Appliance = z.infer<typeof appliance>

/** Asks `nix-instantiate` (any Nix, no nixpkgs). `settings` is a Nix expression. Rejects with what Nix says. */
export async function evaluate(settings = '{ }'): Promise<Appliance> {
  const expression = `import ${HERE} { settings = ${settings}; }`
  const words = ['--eval', '--strict', '--json', '-E', expression]
  const { stdout } = await promisify(execFile)('nix-instantiate', words, { maxBuffer: 2 ** 24 })
  return appliance.parse(JSON.parse(stdout))
}

/** Why nothing can be evaluated here, or null. */
export function whyNoNix(): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter)
  if (folders.some((folder) => existsSync(join(folder, 'nix-instantiate')))) return null
  return 'there is no Nix here (on Debian: apt install nix-bin)'
}
