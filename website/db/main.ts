// Brings the database of DATABASE_URL to this version, once: the unit sandlot-migrate.service.
import { migrateDatabase } from './prepare.ts'

const url = process.env.DATABASE_URL
try {
  if (!url) throw new Error('Config: DATABASE_URL missing or malformed')
  await migrateDatabase(url)
} catch (error) {
  const { message, cause } = error as Error
  process.stderr.write(`${message}${cause instanceof Error ? `: ${cause.message}` : ''}\n`)
  process.exitCode = 1
}
