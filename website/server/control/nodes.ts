// The sandbox nodes of this site: how to reach each one, and the rows that games are placed with.
import type { Database } from '../../db/database.ts'
import type { NodeConfig } from '../config.ts'
import { Control } from './client.ts'

export interface Node {
  id: string
  playOrigin: string
  control: Control
}

export class Nodes {
  #nodes: ReadonlyMap<string, Node>

  constructor(configs: readonly NodeConfig[]) {
    this.#nodes = new Map(
      configs.map(({ id, playOrigin, controlUrl, token }) => [
        id,
        { id, playOrigin, control: new Control(controlUrl, token) },
      ]),
    )
  }

  get all(): Node[] {
    return [...this.#nodes.values()]
  }

  /** Throws when a game is placed on a node that the configuration no longer names: the operator has to bring it back. */
  get(id: string): Node {
    const node = this.#nodes.get(id)
    if (!node) throw new Error(`A game is placed on node "${id}", which CONTROL_NODES does not name`)
    return node
  }
}

/** The address of a game's own page on its node. */
export const playUrl = (node: Node, game: string): string => `${node.playOrigin}/${game}/`

/** Writes the configured nodes into the database; those of before stay, for the games that are placed on them. */
export async function saveNodes(db: Database, configs: readonly NodeConfig[]): Promise<void> {
  for (const { id, controlUrl, playOrigin } of configs) {
    const urls = { control_url: controlUrl, play_url: playOrigin }
    await db
      .insertInto('nodes')
      .values({ id, ...urls })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(urls))
      .execute()
  }
}
