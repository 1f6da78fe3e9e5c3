// Loops that need no guard, because they cannot run long: a guard would be the larger part of them.
import type { AnyNode, Expression, ForStatement } from 'acorn'
import { children } from './tree.ts'

export const LOOPS: ReadonlySet<string> = new Set([
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'WhileStatement',
  'DoWhileStatement',
])
const MAX_TURNS = 100_000 // of a loop that calls nothing: below a millisecond
const FEW_TURNS = 16 // of a loop that may call: what it calls has guards of its own

/** What may take long or never end: it is not looked into. */
const LONG = new Set([
  ...LOOPS,
  'CallExpression',
  'NewExpression',
  'TaggedTemplateExpression',
  'ImportExpression',
  'SpreadElement',
  'YieldExpression',
  'AwaitExpression',
  'ArrayPattern',
  'FunctionExpression',
  'FunctionDeclaration',
  'ArrowFunctionExpression',
  'ClassDeclaration',
  'ClassExpression',
])

/**
 * True for `for (let i = 0; i < 100; i++)` and `for (let i = 0; i < list.length; i++)`, up or down by one, with a body that calls nothing,
 * does not assign to `i` or `list`, and puts nothing into `list` but at `i`. With 16 turns at most the body may call; and so may that of
 * `for (const step of [1, -1])`.
 */
export function isShort(node: AnyNode): boolean {
  if (node.type === 'ForOfStatement') return !node.await && isFew(node.right)
  if (node.type !== 'ForStatement') return false
  const counter = counterOf(node)
  if (!counter) return false
  const { name, list, few } = counter
  const open: AnyNode[] = [node.body]
  for (let next = open.pop(); next; next = open.pop()) {
    if (LOOPS.has(next.type) || (!few && LONG.has(next.type))) return false
    if (few && next.type.endsWith('Pattern')) return false // it may assign
    const target =
      next.type === 'AssignmentExpression' ? next.left : next.type === 'UpdateExpression' ? next.argument : undefined
    if (target && !isHarmless(target, name, list)) return false
    for (const child of children(next)) open.push(child)
  }
  return true
}

const isFew = (node: Expression): boolean =>
  node.type === 'ArrayExpression' &&
  node.elements.length <= FEW_TURNS &&
  node.elements.every((element) => element?.type !== 'SpreadElement')

const isNumber = (node: Expression | null | undefined): node is Expression & { value: number } =>
  node?.type === 'Literal' && typeof node.value === 'number'

interface Counter {
  /** The loop's variable. */
  name: string
  /** The list whose length ends it. */
  list?: string
  few: boolean
}

function counterOf({ init, test, update }: ForStatement): Counter | undefined {
  if (init?.type !== 'VariableDeclaration' || init.kind !== 'let' || test?.type !== 'BinaryExpression') return undefined
  const [first] = init.declarations
  if (init.declarations.length !== 1 || first?.id.type !== 'Identifier' || update?.type !== 'UpdateExpression')
    return undefined
  const { name } = first.id
  const { left, operator, right } = test
  if (left.type !== 'Identifier' || left.name !== name) return undefined
  if (update.argument.type !== 'Identifier' || update.argument.name !== name) return undefined
  const start = first.init
  if (update.operator === '++' && isNumber(start) && (operator === '<' || operator === '<=')) {
    if (isNumber(right) && right.value <= MAX_TURNS) return { name, few: right.value - start.value < FEW_TURNS }
    if (isLength(right)) return { name, list: right.object.name, few: false }
  }
  if (update.operator === '--' && isNumber(right) && (operator === '>' || operator === '>=')) {
    if (isNumber(start) && start.value <= MAX_TURNS) return { name, few: start.value - right.value < FEW_TURNS }
    if (start?.type === 'BinaryExpression' && start.operator === '-' && isNumber(start.right) && isLength(start.left))
      return { name, list: start.left.object.name, few: false }
  }
  return undefined
}

type Length = Expression & { object: { name: string } }
const isLength = (node: AnyNode): node is Length & AnyNode =>
  node.type === 'MemberExpression' &&
  !node.computed &&
  node.object.type === 'Identifier' &&
  node.property.type === 'Identifier' &&
  node.property.name === 'length'

function isHarmless(target: AnyNode, name: string, list: string | undefined): boolean {
  if (target.type === 'Identifier') return target.name !== name && target.name !== list
  if (target.type !== 'MemberExpression') return false
  if (!target.computed) return target.property.type !== 'Identifier' || target.property.name !== 'length'
  const isList = target.object.type === 'Identifier' && target.object.name === list
  return !isList || (target.property.type === 'Identifier' && target.property.name === name)
}
