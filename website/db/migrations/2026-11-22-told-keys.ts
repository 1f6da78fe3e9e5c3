// Which node has heard of a creator's newest SSH keys. All are told once more: one that was away may still have older ones.
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('node_keys')
    .addColumn('user_id', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('node_id', 'text', (c) => c.notNull().references('nodes.id'))
    .addColumn('version', 'bigint', (c) => c.notNull())
    .addColumn('told', 'boolean', (c) => c.notNull().defaultTo(false))
    .addColumn('try_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addPrimaryKeyConstraint('node_keys_pkey', ['user_id', 'node_id'])
    .execute()
  await db.schema
    .createIndex('node_keys_late')
    .on('node_keys')
    .column('try_at')
    .where(sql.ref('told'), '=', sql.lit(false))
    .execute()
  await sql`insert into node_keys (user_id, node_id, version) select distinct owner_id, node_id, 0 from games`.execute(
    db,
  )
}
