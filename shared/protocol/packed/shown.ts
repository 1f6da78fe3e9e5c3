// Parts of a state that other streams show as they are: what the state's stream has written of such a part is theirs too, so that a part that
// a hundred players see is looked at once. Captures what it calls, as all code inside the isolate.
import type { Container } from '../canonical.ts'
import * as bytes from './bytes.ts'
import type { Node } from './tree.ts'

const Bytes = Uint8Array
const Nodes = WeakMap<Container, Node>
const call = Function.prototype.call
const nodeOf = call.bind(Nodes.prototype.get) as (map: WeakMap<Container, Node>, source: Container) => Node | undefined
const setNode = call.bind(Nodes.prototype.set) as (map: WeakMap<Container, Node>, source: Container, node: Node) => void
const nodes = new Nodes()
let walks = 0

/** What the last walk that came past a node found. */
export interface Part {
  source: Container
  walk: number
  /** How deep it is in the state: where a view has it deeper, it may be too deep. */
  depth: number
  /** Where the bytes of its change are; the same: it has none. */
  from: number
  to: number
  /** Whether those bytes mean the same to a reader of another stream. */
  portable: boolean
}

export class Parts {
  #walk = 0
  #start = 0
  #bytes: Uint8Array = new Bytes(0)

  /** A walk begins: what the last one found is not true any more. */
  begin(): void {
    this.#walk = ++walks
    this.#start = bytes.at
  }
  /** It went well: keeps what it wrote. */
  end(): void {
    this.#bytes = bytes.keep(this.#start, this.#bytes)
  }
  fail(): void {
    this.#walk = 0
  }

  /** The walk has come past `source`, which is `node`'s, and has written its change from `from` on. */
  note(node: Node, source: Container, depth: number, from: number, portable: boolean): void {
    if (node.part?.source !== source) setNode(nodes, source, node)
    node.part ??= { source, walk: 0, depth: 0, from: 0, to: 0, portable: false }
    const { part } = node
    part.source = source
    part.walk = this.#walk
    part.depth = depth
    part.from = from - this.#start
    part.to = bytes.at - this.#start
    part.portable = portable
  }

  /** The node of a container that the state has and that a view shows at `depth`. */
  find(source: Container, depth: number): Node | undefined {
    const node = nodeOf(nodes, source)
    const part = node?.part
    return part !== undefined && part.walk === this.#walk && part.source === source && depth <= part.depth
      ? node
      : undefined
  }

  /** Writes the change of a node that was found. */
  write({ from, to }: Part): void {
    bytes.copy(this.#bytes, from, to)
  }
}
