// One source file: types stripped, parsed, its imports found. Positions in the result are the creator's own: stripping leaves blanks.
import { stripTypeScriptTypes } from 'node:module'
import { extname, posix } from 'node:path'
import { type Program, parse } from 'acorn'
import { BuildError } from './problem.ts'

export interface Module {
  path: string
  /** Plain JavaScript. */
  code: string
  /** Paths of the modules it imports, inside the game's folder. */
  imports: string[]
}

const position = (source: string, offset: number) => {
  const before = source.slice(0, offset).split('\n')
  return { line: before.length, column: before.at(-1)!.length + 1 }
}

/** Throws BuildError with file, line and reason. `has`: whether a path exists in the game's folder. */
export function readModule(path: string, content: Buffer, has: (path: string) => boolean): Module {
  const source = decode(path, content)
  const code = extname(path) === '.ts' || extname(path) === '.mts' ? stripTypes(path, source) : source
  let program: Program
  try {
    program = parse(code, { ecmaVersion: 'latest', sourceType: 'module', allowHashBang: false })
  } catch (error) {
    const { message, loc } = error as SyntaxError & { loc?: { line: number; column: number } }
    throw new BuildError({
      message: `SyntaxError: ${message.replace(/ \(\d+:\d+\)$/, '')}`,
      file: path,
      ...(loc && { line: loc.line, column: loc.column + 1 }),
    })
  }
  const imports: string[] = []
  for (const node of program.body) {
    const from = 'source' in node ? node.source : undefined
    if (!from) continue
    const specifier = String(from.value)
    const fail = (message: string): never => {
      throw new BuildError({ message, file: path, ...position(code, from.start) })
    }
    if (!/^\.\.?\//.test(specifier))
      fail(`Cannot import "${specifier}": a game imports only its own files, such as "./rules.js"`)
    if (/[?#%]/.test(specifier))
      fail(`Cannot import "${specifier}": a file name with ?, # or % has another meaning in a browser`)
    const target = posix.join(posix.dirname(path), specifier)
    if (target.startsWith('../')) fail(`Cannot import "${specifier}": it is outside the game's folder`)
    if (!has(target))
      fail(`Cannot import "${specifier}": there is no file "${target}" (write the name with its extension)`)
    imports.push(target)
  }
  return { path, code, imports }
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

/** The entry and all it imports, each once. Throws BuildError. */
export function readGraph(entry: string, files: ReadonlyMap<string, Buffer>): Module[] {
  const modules = new Map<string, Module>()
  const visit = (path: string): void => {
    if (modules.has(path)) return
    const module = readModule(path, files.get(path)!, (target) => files.has(target))
    modules.set(path, module)
    for (const target of module.imports) visit(target)
  }
  visit(entry)
  return [...modules.values()]
}
