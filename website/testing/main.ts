// Starts the kept Postgres of a failed test for a look inside: node website/testing/main.ts FOLDER
import { startPostgres } from '../db/embedded.ts'

const folder = process.argv[2]
if (!folder) {
  console.error('Name the folder that the failed test printed: node website/testing/main.ts FOLDER')
  process.exit(2)
}
const postgres = await startPostgres({ folder })
console.log(`${postgres.url}\nCtrl-C stops it.`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void postgres.stop())
