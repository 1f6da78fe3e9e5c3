// Games, the rooms they run in, who sits where, and what the sandbox VMs report.
import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('nodes')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('control_url', 'text', (c) => c.notNull())
    .addColumn('play_url', 'text', (c) => c.notNull())
    .execute()

  await db.schema
    .createTable('games')
    .addColumn('id', 'text', (c) => c.primaryKey().check(sql`id ~ '^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$'`))
    .addColumn('owner_id', 'text', (c) => c.notNull().references('user.id'))
    .addColumn('node_id', 'text', (c) => c.notNull().references('nodes.id'))
    .addColumn('title', 'text', (c) => c.notNull())
    .addColumn('description', 'text', (c) => c.notNull().defaultTo(''))
    .addColumn('min_players', 'integer', (c) => c.notNull().defaultTo(1))
    .addColumn('max_players', 'integer', (c) => c.notNull().defaultTo(8))
    .addColumn('tick_rate', 'integer', (c) => c.notNull().defaultTo(20))
    .addColumn('build', 'text')
    .addColumn('created_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addColumn('updated_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addCheckConstraint('games_players', sql`1 <= min_players and min_players <= max_players`)
    .execute()
  await db.schema.createIndex('games_owner').on('games').column('owner_id').execute()

  await db.schema
    .createTable('rooms')
    .addColumn('id', 'text', (c) => c.primaryKey())
    .addColumn('game_id', 'text', (c) => c.notNull().references('games.id').onDelete('cascade'))
    .addColumn('node_id', 'text', (c) => c.notNull().references('nodes.id'))
    .addColumn('state', 'text', (c) => c.notNull().check(sql`state in ('starting', 'open', 'ended')`))
    .addColumn('max_players', 'integer', (c) => c.notNull().check(sql`max_players >= 1`))
    .addColumn('created_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addColumn('ended_at', 'timestamptz')
    .addColumn('end_reason', 'text')
    .addColumn('result', 'json')
    .execute()
  await db.schema
    .createIndex('rooms_live')
    .on('rooms')
    .column('game_id')
    .where(sql.ref('state'), '<>', sql.lit('ended'))
    .execute()

  await db.schema
    .createTable('seats')
    .addColumn('player_id', 'text', (c) => c.primaryKey())
    .addColumn('room_id', 'text', (c) => c.notNull().references('rooms.id').onDelete('cascade'))
    .addColumn('user_id', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull().check(sql`state in ('reserved', 'taken', 'left')`))
    .addColumn('expires_at', 'timestamptz', (c) => c.notNull())
    .addColumn('created_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .execute()
  await db.schema
    .createIndex('seats_held')
    .on('seats')
    .column('room_id')
    .where(sql.ref('state'), '<>', sql.lit('left'))
    .execute()
  await db.schema.createIndex('seats_user').on('seats').column('user_id').execute()

  await db.schema
    .createTable('reports')
    .addColumn('key', 'text', (c) => c.primaryKey())
    .addColumn('node_id', 'text', (c) => c.notNull())
    .addColumn('received_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .execute()
  await db.schema.createIndex('reports_received').on('reports').column('received_at').execute()

  await db.schema
    .createTable('store')
    .addColumn('game_id', 'text', (c) => c.notNull().references('games.id').onDelete('cascade'))
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('value', 'json', (c) => c.notNull())
    .addColumn('bytes', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('store_pkey', ['game_id', 'name'])
    .execute()

  await db.schema
    .createTable('logs')
    .addColumn('id', 'bigint', (c) => c.primaryKey().generatedAlwaysAsIdentity())
    .addColumn('game_id', 'text', (c) => c.notNull().references('games.id').onDelete('cascade'))
    .addColumn('room_id', 'text')
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('at', 'timestamptz', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('logs_game').on('logs').columns(['game_id', 'id']).execute()

  await db.schema
    .createTable('ssh_keys')
    .addColumn('user_id', 'text', (c) => c.notNull().references('user.id').onDelete('cascade'))
    .addColumn('line', 'text', (c) => c.notNull())
    .addColumn('created_at', 'timestamptz', (c) => c.notNull().defaultTo(sql`now()`))
    .addPrimaryKeyConstraint('ssh_keys_pkey', ['user_id', 'line'])
    .execute()
}
