// sandlot-people on the website VM, for its operator. It runs as the website does, with the same rights in the database; the nodes (what
// is in the file that CONTROL_NODES names for the website) come by standard input, because only root may read that file.
import { text } from 'node:stream/consumers'
import { openDatabase } from '../db/database.ts'
import { databaseUrl, nodeConfigs } from '../server/config.ts'
import { Nodes } from '../server/control/nodes.ts'
import { act, explain, isVerb, USAGE } from './verbs.ts'

async function readPlaced(): Promise<{ url: string; nodes: Nodes }> {
  const url = databaseUrl.safeParse(process.env.DATABASE_URL)
  const nodes = nodeConfigs.safeParse(await text(process.stdin))
  if (!url.success) throw new Error('Config: DATABASE_URL missing or malformed')
  if (!nodes.success) throw new Error('Config: standard input is not a file of nodes')
  return { url: url.data, nodes: new Nodes(nodes.data) }
}

const words = process.argv.slice(2)
try {
  if (!isVerb(words[0] ?? '')) throw new Error(USAGE)
  const { url, nodes } = await readPlaced()
  const db = openDatabase({ url, name: 'sandlot-people', max: 2 })
  try {
    const { answer, note, done = true } = await act({ db, nodes }, words)
    if (answer) console.log(answer)
    if (note) console.error(note)
    if (!done) process.exitCode = 1
  } finally {
    await db.destroy()
  }
} catch (error) {
  console.error(explain(error))
  process.exitCode = 1
}
