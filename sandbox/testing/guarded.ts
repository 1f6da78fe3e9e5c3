// Guarded code as the build makes it, to be run in Node.js.
import { parse } from 'acorn'
import { applyEdits, type SourceMap } from '../build/edits.ts'
import { guardEdits } from '../build/guard.ts'
import { Lines } from '../build/lines.ts'

/** `type`: what `source` is parsed as; a build knows modules only. Throws SyntaxError and BuildError. */
export function guarded(source: string, name: string, type: 'module' | 'script'): { code: string; map: SourceMap } {
  const program = parse(source, { ecmaVersion: 'latest', sourceType: type, allowHashBang: true })
  const lines = new Lines(source)
  return applyEdits(source, guardEdits(program, name, lines), { name, original: source, lines })
}
