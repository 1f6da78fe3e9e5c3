import { sql } from 'kysely'
import { expect, it } from 'vitest'
import { testDatabase } from '../testing/postgres.ts'
import { databaseUrl } from '../testing/server.ts'
import { type Database, openDatabase } from './database.ts'
import { prepareDatabase } from './prepare.ts'
import { ROLES } from './roles.ts'

/** Tables with columns, constraints, indexes and the grants of both roles, one a line. */
async function dump(db: Database): Promise<string> {
  const lines = async (query: ReturnType<typeof sql<{ line: string }>>) =>
    (await query.execute(db)).rows.map(({ line }) => `  ${line}\n`).join('')
  const tables = await sql<{ name: string; id: number }>`
    select relname as name, oid as id from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r' and relname not like 'kysely%'
    order by relname collate "C"`.execute(db)
  let text = ''
  for (const { name, id } of tables.rows) {
    text += `${name}\n`
    text += await lines(sql`
      select a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || case when a.attnotnull then ' not null' else '' end
        || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
        || case when a.attidentity = 'a' then ' generated always as identity' else '' end as line
      from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = ${id} and a.attnum > 0 and not a.attisdropped order by a.attnum`)
    text += await lines(sql`
      select conname || ' ' || pg_get_constraintdef(oid) as line from pg_constraint
      where conrelid = ${id} and contype <> 'n' order by conname collate "C"`)
    text += await lines(sql`
      select pg_get_indexdef(indexrelid) as line from pg_index
      where indrelid = ${id} and not exists (select from pg_constraint where conindid = indexrelid)
      order by indexrelid::regclass::text collate "C"`)
    for (const role of Object.values(ROLES))
      text += await lines(sql`
        select ${role} || ' may ' || privilege || ' ' || what as line from (
          select privilege_type as privilege, 'rows' as what from information_schema.role_table_grants
          where grantee = ${role} and table_name = ${name}
          union all
          select privilege_type, string_agg(column_name, ', ' order by column_name collate "C")
          from information_schema.column_privileges c
          where grantee = ${role} and table_name = ${name} and not exists (
            select from information_schema.role_table_grants t
            where t.grantee = c.grantee and t.table_name = c.table_name and t.privilege_type = c.privilege_type)
          group by privilege_type
        ) grants order by privilege collate "C"`)
    text += '\n'
  }
  return text
}

it('the migrations give exactly the schema of schema.txt', async () => {
  await using db = await testDatabase()
  await expect(await dump(db.owner)).toMatchFileSnapshot('schema.txt')
})

it('several processes may prepare an empty database at once, and again later', async () => {
  await using db = await testDatabase()
  const name = `${db.name}_fresh`
  await sql`create database ${sql.id(name)}`.execute(db.owner)
  const url = databaseUrl(db.ownerUrl, name)
  const passwords = { website: new URL(db.websiteUrl).password, bridge: new URL(db.bridgeUrl).password }
  const fresh = openDatabase({ url, name: 'test' })
  try {
    const answers = await Promise.all([1, 2, 3, 4].map(() => prepareDatabase(url, passwords)))
    expect(await prepareDatabase(url, passwords)).toEqual(answers[0])
    await expect(await dump(fresh)).toMatchFileSnapshot('schema.txt')
  } finally {
    await fresh.destroy()
    await sql`drop database ${sql.id(name)}`.execute(db.owner)
  }
})
