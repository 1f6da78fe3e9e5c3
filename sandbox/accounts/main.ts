// Turns what the supervisor asks for (accounts.ts) into user records, and into a plan of folders for the few lines that run with all rights
// (nix/appliance/sandbox/folders.nix). Runs as root without a single capability: all that it reads came from the supervisor.
import { makePlan } from './plan.ts'

function setting(name: string): string {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is missing.`)
  return value
}

try {
  makePlan({
    accounts: setting('ACCOUNTS'),
    userdb: setting('USERDB'),
    plan: setting('PLAN'),
    gid: Number(setting('CREATORS_GID')),
    shell: setting('NOLOGIN'),
  })
} catch (error) {
  console.error(`sandlot-accounts: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}
