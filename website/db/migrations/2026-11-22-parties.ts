// Rooms that are entered by their link alone: all rooms of one party have the id of its first.
import type { Kysely } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('rooms').addColumn('party', 'text').execute()
}
