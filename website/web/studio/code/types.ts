// What completion knows of an API: names, signatures and docstrings, read from a .d.ts when the pages are built.

export interface Member {
  name: string
  kind: 'method' | 'property'
  /** As the declaration has it, without the name: `(x: number, y: number): this`, or `: number`. */
  signature: string
  /** A method's parameter names, those that may be left out with a question mark. */
  params: string[]
  doc: string
  /** Name of the type that a call or a look gives, when it has members of its own. */
  gives?: string
}
export interface Api {
  /** Constants that code finds there, and the name of their type. */
  globals: Record<string, string>
  types: Record<string, Member[]>
}
