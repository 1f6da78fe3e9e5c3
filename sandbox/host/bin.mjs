#!/usr/bin/env -S node --no-node-snapshot --no-js-explicit-resource-management --disable-warning=ExperimentalWarning
// The command sandlot-host. Plain JavaScript, so that any Node can read it and say what is missing.
import { existsSync } from 'node:fs'

const program = new URL('../dist/host.js', import.meta.url)
if (!existsSync(program)) {
  process.stderr.write('sandlot-host: the program has not been built: run "npm run build" first\n')
  process.exit(1)
}
await import(program.href)
