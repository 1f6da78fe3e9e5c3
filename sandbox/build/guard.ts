// Client code with a question in every loop, and in every function that calls another: may it go on? What waits at its top level says so.
// The meaning stays what it was.
import { FIRST_TURNS, GUARD } from '@sandlot/shared/guard.ts'
import type { AnyNode, Program, Statement, StaticBlock } from 'acorn'
import { isShort, LOOPS } from './bounded.ts'
import type { Edit } from './edits.ts'
import type { Lines } from './lines.ts'
import { BuildError } from './problem.ts'
import { children } from './tree.ts'

type FunctionNode = Extract<AnyNode, { type: 'FunctionDeclaration' | 'FunctionExpression' | 'ArrowFunctionExpression' }>

/** What has variables of its own: a module, a function or a static block. */
interface Scope {
  node: Program | FunctionNode | StaticBlock
  /** Its edits go here, so that they come before those of what is in it. */
  place: number
  loops: boolean
  calls: boolean
}

const isFunction = (node: AnyNode): node is FunctionNode =>
  node.type === 'FunctionDeclaration' || node.type === 'FunctionExpression' || node.type === 'ArrowFunctionExpression'

/**
 * The edits that guard `program`, the parsed source of `path`. Each function, and the module, counts the turns of its loops in a variable of
 * its own, which costs least; calls are counted in one variable of the module, because recursion spans functions. Throws BuildError.
 */
export function guardEdits(program: Program, path: string, lines: Lines): Edit[] {
  const loops: { node: AnyNode & { body: Statement }; place: number }[] = []
  const scopes: Scope[] = []
  const taken = new Set<string>()
  const slots: Edit[][] = []
  const newScope = (node: Scope['node']): Scope => {
    const scope = { node, place: slots.push([]) - 1, loops: false, calls: false }
    scopes.push(scope)
    return scope
  }
  // A list instead of recursion: the parser takes deeper nesting than a visitor's stack. What is added last is visited first.
  const open: { node: AnyNode; scope: Scope }[] = [{ node: program, scope: newScope(program) }]
  for (let next = open.pop(); next; next = open.pop()) {
    const { node } = next
    let { scope } = next
    switch (node.type) {
      case 'Identifier':
        if (node.name.startsWith('$')) taken.add(node.name)
        if (node.name === GUARD)
          throw new BuildError({
            message: `The name ${GUARD} is taken by Sandlot; choose another`,
            file: path,
            ...lines.at(node.start),
          })
        break
      case 'CallExpression':
      case 'NewExpression':
      case 'TaggedTemplateExpression':
        scope.calls = true
        break
      case 'StaticBlock':
      case 'FunctionDeclaration':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
        scope = newScope(node)
        break
      default:
        if (LOOPS.has(node.type) && !isShort(node)) {
          scope.loops = true
          loops.push({ node: node as AnyNode & { body: Statement }, place: slots.push([]) - 1 })
        }
    }
    const awaited = scope.node.type === 'Program' ? waitsFor(node) : undefined
    if (awaited) {
      const text = `(${GUARD}.wait(${place(path, lines.at(node.start).line)}),`
      const edits = [{ at: awaited.start, text, from: node.start, ...at(text) }]
      slots.push([...edits, { at: awaited.end, text: ')', from: awaited.end, closes: true }])
    }
    const inner = children(node)
    for (let i = inner.length - 1; i >= 0; i--) open.push({ node: inner[i]!, scope })
  }

  const free = (name: string): string => (taken.has(name) ? free(`${name}$`) : name)
  const [turns, calls] = [free('$n'), free('$m')]
  const question = (counter: string, offset: number, more = ''): string =>
    `--${counter}>0||(${counter}=${GUARD}(${place(path, lines.at(offset).line)}${more})|0)`

  for (const { node, place } of loops) {
    const { body } = node
    const text = question(turns, node.start)
    const edits = slots[place]!
    const from = node.start
    if (body.type === 'BlockStatement') edits.push({ at: body.start + 1, text: `${text};`, from, ...at(text) })
    else {
      edits.push({ at: body.start, text: `{${text};`, from, ...at(`{${text}`) })
      edits.push({ at: body.end, text: '}', from: body.end, closes: true })
    }
  }
  const counted = scopes.some(({ node, calls }) => calls && isFunction(node))
  for (const { node, place, loops, calls: asks } of scopes) {
    const edits = slots[place]!
    const from = node.start
    const text = isFunction(node) && asks ? question(calls, from, ',true') : ''
    if (isFunction(node) && node.body.type !== 'BlockStatement') {
      if (!text) continue
      edits.push({ at: node.body.start, text: `(${text},`, from, ...at(`(${text}`) })
      edits.push({ at: node.body.end, text: ')', from: node.body.end, closes: true })
      continue
    }
    const prologue =
      (node.type === 'Program' && counted ? `var ${calls}=${FIRST_TURNS};` : '') +
      (loops ? `var ${turns}=${FIRST_TURNS};` : '') +
      (text && `${text};`)
    if (prologue) edits.push({ ...bodyStart(node, prologue), from })
  }
  return slots.flat()
}

/** What an `await` is for. */
const waitsFor = (node: AnyNode): AnyNode | undefined =>
  node.type === 'AwaitExpression'
    ? node.argument
    : node.type === 'ForOfStatement' && node.await
      ? node.right
      : undefined

const at = (text: string): { named?: number } => (text.includes(GUARD) ? { named: text.indexOf(GUARD) } : {})

/** A string literal. U+2028 in a file's name would be a new line in a stack. */
const place = (path: string, line: number): string =>
  JSON.stringify(`${path}:${line}`).replace(/[\u2028\u2029]/g, (end) => `\\u${end.charCodeAt(0).toString(16)}`)

/** Behind the directives ('use strict'), which must come first and may lack a semicolon. */
function bodyStart(node: Scope['node'], text: string): Pick<Edit, 'at' | 'text' | 'named'> {
  const block = isFunction(node) ? node.body : node
  if (!('body' in block) || !Array.isArray(block.body)) throw new TypeError('a function with a block was expected')
  const first = block.body.find((statement) => !('directive' in statement && statement.directive !== undefined))
  const whole = first ? text : `;${text}`
  return { at: first?.start ?? block.end - 1, text: whole, ...at(whole) }
}
