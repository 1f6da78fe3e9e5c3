// The order of each node's reports: a key has its effect once on its own node, and none comes after a later one.
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('reports')
    .addColumn('seq', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute()
  await db.schema
    .alterTable('reports')
    .alterColumn('seq', (c) => c.dropDefault())
    .execute()
  await sql`alter table reports drop constraint reports_pkey, add primary key (node_id, key)`.execute(db)
  await db.schema.createIndex('reports_order').on('reports').columns(['node_id', 'seq']).execute()
  await db.schema.dropIndex('reports_received').execute()
}
