#!/usr/bin/env -S LC_ALL=C node --no-node-snapshot --no-js-explicit-resource-management --disable-warning=ExperimentalWarning --disable-sigusr1
// The command sandlot-host. Plain JavaScript, so that any Node can read it and say what is missing. LC_ALL: rooms see one language everywhere.
import { existsSync } from 'node:fs'

const program = new URL('../dist/host.js', import.meta.url)
if (!existsSync(program)) {
  process.stderr.write('sandlot-host: the program has not been built: run "npm run build" first\n')
  process.exit(1)
}
await import(program.href)
