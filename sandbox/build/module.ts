// One source file: types stripped, parsed, its imports found. Positions in the result are the creator's own: stripping leaves blanks.
import { stripTypeScriptTypes } from 'node:module'
import { extname, posix } from 'node:path'
import { type AnyNode, type Node, type Program, parse } from 'acorn'
import { type Exports, type Import, namesOf, readExports } from './exports.ts'
import { Lines } from './lines.ts'
import { BuildError } from './problem.ts'
import { isCode } from './source.ts'
import { children } from './tree.ts'

export interface Module {
  path: string
  /** As the creator wrote it. */
  original: string
  /** Plain JavaScript, with every line and column where it was. */
  code: string
  program: Program
  lines: Lines
  /** Paths of the modules it imports, inside the game's folder. */
  imports: string[]
  exports: Exports & { imports: Import[] }
}

/** Throws BuildError with file, line and reason. `has`: whether a path exists in the game's folder. */
function readModule(path: string, content: Buffer, has: (path: string) => boolean): Module {
  const original = decode(path, content)
  const code = /^\.m?ts$/.test(extname(path)) ? stripTypes(path, original) : original
  const lines = new Lines(code)
  const fail = (node: Node, message: string): never => {
    throw new BuildError({ message, file: path, ...lines.at(node.start) })
  }
  const program = parseModule(path, code)
  for (const node of program.body) {
    const from = 'source' in node ? node.source : undefined
    if (!from) continue
    const specifier = String(from.value)
    if (!/^\.\.?\//.test(specifier))
      fail(from, `Cannot import "${specifier}": a game imports only its own files, such as "./rules.js"`)
    if (/[?#%]/.test(specifier))
      fail(from, `Cannot import "${specifier}": a file name with ?, # or % has another meaning in a browser`)
    const target = targetOf(path, specifier)
    if (target.startsWith('../')) fail(from, `Cannot import "${specifier}": it is outside the game's folder`)
    if (!has(target))
      fail(from, `Cannot import "${specifier}": there is no file "${target}" (write the name with its extension)`)
    if (!isCode(target))
      fail(from, `Cannot import "${specifier}": only JavaScript and TypeScript files can be imported`)
    if ('attributes' in node && node.attributes[0])
      fail(node.attributes[0], 'Cannot import with attributes: only JavaScript and TypeScript files can be imported')
  }
  const call = /\bimport\s*[(/]/.test(code) ? findImportCall(program) : undefined // most files need no second look
  if (call) fail(call, 'import() does not work in a game: write import { … } from "./file.js" at the top instead')
  const exports = readExports(program, (specifier) => targetOf(path, specifier))
  const imports = program.body.flatMap((node) =>
    'source' in node && node.source ? [targetOf(path, String(node.source.value))] : [],
  )
  return { path, original, code, program, lines, imports, exports }
}

const targetOf = (path: string, specifier: string): string => posix.join(posix.dirname(path), specifier)

function findImportCall(program: Program): Node | undefined {
  const open: AnyNode[] = [program]
  for (let node = open.pop(); node; node = open.pop()) {
    if (node.type === 'ImportExpression') return node
    for (const child of children(node)) open.push(child)
  }
  return undefined
}

function parseModule(path: string, code: string): Program {
  try {
    return parse(code, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: true, ranges: true })
  } catch (error) {
    const { message, loc } = error as SyntaxError & { loc?: { line: number; column: number } }
    throw new BuildError({
      message: `SyntaxError: ${message.replace(/ \(\d+:\d+\)$/, '')}`,
      file: path,
      ...(loc && { line: loc.line, column: loc.column + 1 }),
    })
  }
}

function decode(path: string, content: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content) // drops a byte order mark
  } catch {
    throw new BuildError({ message: `${path} is not UTF-8 text`, file: path })
  }
}

function stripTypes(path: string, source: string): string {
  try {
    return stripTypeScriptTypes(source, { mode: 'strip', sourceUrl: path }).replace(/\n\n?\/\/# sourceURL=.*$/, '')
  } catch (error) {
    // The message is one sentence; the stack begins with "FILE:LINE", the line and a caret under the column.
    const { message, stack = '' } = error as Error
    const [, line] = /:(\d+)$/m.exec(stack) ?? []
    const caret = /^( *)\^/m.exec(stack)
    const text = message.startsWith('TypeScript')
      ? `${message.replace(' in strip-only mode', '')}: only types are taken out of TypeScript here; write plain JavaScript for it`
      : `SyntaxError: ${message}`
    throw new BuildError({
      message: text,
      file: path,
      ...(line && { line: Number(line) }),
      ...(caret && { column: caret[1]!.length + 1 }),
    })
  }
}

/** The entry and all it imports, each once. `has`: whether the game has a file at that path. Throws BuildError. */
export function readGraph(entry: string, code: ReadonlyMap<string, Buffer>, has: (path: string) => boolean): Module[] {
  const modules = new Map<string, Module>()
  const open = [entry]
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (modules.has(path)) continue
    const module = readModule(path, code.get(path)!, has)
    modules.set(path, module)
    open.push(...module.imports.toReversed())
  }
  for (const module of modules.values()) checkNames(module, modules)
  return [...modules.values()]
}

/** A browser tells a missing export without a line, and the canary of the server tells the first one only. */
function checkNames({ path, lines, exports }: Module, modules: ReadonlyMap<string, Module>): void {
  for (const { name, from, node } of exports.imports) {
    const names = namesOf(from, modules)
    if (names.has(name)) continue
    const known = [...names].filter((other) => other !== 'default')
    const there = known.length > 0 ? `it exports ${known.slice(0, 10).join(', ')}` : 'it exports nothing by name'
    const what = name === 'default' ? 'default export' : `export "${name}"`
    throw new BuildError({ message: `${from} has no ${what}; ${there}`, file: path, ...lines.at(node.start) })
  }
}
