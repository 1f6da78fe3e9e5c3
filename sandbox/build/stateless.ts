// Whether the code of a game keeps anything outside of its rooms' states: then rooms could not share a realm without one seeing what another did.
// It looks at what every binding outside of functions holds, and at every place that could change it. What it does not understand counts as kept.
import type { AnyNode, CallExpression, Expression, Identifier, MemberExpression, Pattern, Program } from 'acorn'
import { analyze, type Scope, type Variable } from 'eslint-scope'
import { children } from './tree.ts'

interface Source {
  path: string
  program: Program
  /** Paths of the modules it imports, in the order of their statements. */
  imports: string[]
}

/** What a binding holds. `leaf`: nothing that can be changed. Else the elements or properties, all of one shape. */
type Shape = 'leaf' | { of: Shape; isList: boolean }

const inside = (shape: Shape): Shape => (shape === 'leaf' ? shape : shape.of)

/** Of globals that hold nothing a game could change by reading, calling or constructing them. */
const GLOBALS = new Set(
  `Array BigInt Boolean Date Error Infinity JSON Map Math NaN Number Object RangeError RegExp Set String Symbol SyntaxError TypeError
  WeakMap WeakSet console decodeURIComponent encodeURIComponent isFinite isNaN parseFloat parseInt undefined
  ArrayBuffer DataView Float32Array Float64Array Int8Array Int16Array Int32Array Uint8Array Uint8ClampedArray Uint16Array Uint32Array`.split(
    /\s+/,
  ),
)
const FUNCTIONS = new Set(['BigInt', 'Boolean', 'Number', 'String', 'isFinite', 'isNaN', 'parseFloat', 'parseInt'])
/** Methods of `Object` that change what they are given. */
const CHANGERS = new Set(['assign', 'defineProperties', 'defineProperty', 'setPrototypeOf'])
/** Properties that lead to what all rooms would share. */
const REACH = new Set(['__proto__', 'constructor', 'getPrototypeOf', 'prototype', 'setPrototypeOf'])
/** Methods of lists: what they return is a leaf, an element, a list of elements, or up to a callback that is given elements. */
const LEAF_METHODS = new Set(['includes', 'indexOf', 'join', 'lastIndexOf', 'toString'])
const ELEMENT_METHODS = new Set(['at', 'find', 'findLast'])
const LIST_METHODS = new Set(['concat', 'filter', 'slice', 'toReversed', 'toSorted'])
const RESULT_METHODS = new Set(['every', 'findIndex', 'flatMap', 'forEach', 'map', 'some'])
const CALLBACK_METHODS = new Set([
  'every',
  'find',
  'findIndex',
  'findLast',
  'filter',
  'flatMap',
  'forEach',
  'map',
  'some',
])

/** `modules`: the entry of the server and all that it imports. */
export function isStateless(modules: readonly Source[]): boolean {
  try {
    return new Analysis(modules).isStateless()
  } catch (error) {
    if (error instanceof Unclear || error instanceof RangeError) return false // RangeError: nested too deep for the stack
    throw error
  }
}

class Unclear extends Error {}
function unclear(): never {
  throw new Unclear()
}

class Analysis {
  #modules: readonly Source[]
  #parents = new Map<AnyNode, AnyNode>()
  #scopes = new Map<string, Scope>() // of modules, by path
  #variables = new Map<AnyNode, Variable>() // by the identifiers that name them
  #shapes = new Map<Variable, Shape>() // of bindings outside of functions
  #seen = new Map<Variable, Shape>()

  constructor(modules: readonly Source[]) {
    this.#modules = modules
  }

  isStateless(): boolean {
    for (const { path, program } of this.#modules) {
      this.#survey(program)
      const manager = analyze(program as Parameters<typeof analyze>[0], { ecmaVersion: 2022, sourceType: 'module' })
      for (const scope of manager.scopes) {
        if (scope.type === 'module') this.#scopes.set(path, scope)
        for (const { resolved, identifier } of scope.references)
          if (resolved) this.#variables.set(identifier as AnyNode, resolved)
      }
      for (const { identifier } of manager.globalScope!.through) this.#global(identifier as Identifier)
    }
    for (const scope of this.#scopes.values()) this.#outside(scope)
    return true
  }

  /** Notes parents, and throws at what is kept, or may be, wherever it stands. */
  #survey(program: Program): void {
    const open: AnyNode[] = [program]
    for (let node = open.pop(); node; node = open.pop()) {
      const isAsync = 'async' in node && node.async
      const isStatic = (node.type === 'PropertyDefinition' && node.static) || node.type === 'StaticBlock'
      if (isAsync || isStatic || node.type === 'AwaitExpression' || node.type === 'MetaProperty') unclear()
      if (reaches(node)) unclear()
      if (node.type === 'ExportAllDeclaration') unclear()
      if (node.type === 'ThisExpression' && !this.#isInMethod(node)) unclear()
      for (const child of children(node)) {
        this.#parents.set(child, node)
        open.push(child)
      }
    }
  }

  #isInMethod(node: AnyNode): boolean {
    for (let at = this.#parents.get(node); at; at = this.#parents.get(at)) {
      if (at.type === 'MethodDefinition') return !at.static
      if (at.type === 'PropertyDefinition') return true
      if (at.type === 'FunctionDeclaration') return false
      if (at.type === 'FunctionExpression' && this.#parents.get(at)?.type !== 'MethodDefinition') return false
    }
    return false
  }

  /** Looks at the bindings of `scope` and of the blocks in it, but not at those in functions, which live for one call. */
  #outside(scope: Scope): void {
    for (const variable of scope.variables) this.#check(variable, this.#shapeOf(variable))
    for (const child of scope.childScopes) if (child.type !== 'function') this.#outside(child)
  }

  #shapeOf(variable: Variable): Shape {
    const known = this.#shapes.get(variable)
    if (known) return known
    const [definition] = variable.defs
    if (variable.defs.length !== 1 || !definition) return unclear()
    const shape = ((): Shape => {
      switch (definition.type) {
        case 'FunctionName':
        case 'ClassName':
          return 'leaf'
        case 'ImportBinding':
          return this.#imported(definition.node as AnyNode, definition.parent as AnyNode)
        case 'Variable': {
          const { id, init } = definition.node as unknown as { id: Pattern; init: Expression | null }
          const isLoop = /^For/.test(this.#parents.get(definition.parent as AnyNode)?.type ?? '')
          if (isLoop) return unclear()
          return init ? found(id, definition.name as Identifier, this.#value(init)) : 'leaf'
        }
        default:
          return unclear()
      }
    })()
    this.#shapes.set(variable, shape)
    return shape
  }

  /** What is imported by `specifier`. */
  #imported(specifier: AnyNode, declaration: AnyNode): Shape {
    if (specifier.type !== 'ImportSpecifier' || declaration.type !== 'ImportDeclaration') return unclear()
    const name = 'name' in specifier.imported ? specifier.imported.name : String(specifier.imported.value)
    for (const module of this.#modules) {
      const at = module.program.body.includes(declaration) ? importsOf(module).indexOf(declaration) : -1
      if (at >= 0) return this.#exported(module.imports[at]!, name)
    }
    return unclear()
  }

  #exported(path: string, name: string): Shape {
    const module = this.#modules.find((other) => other.path === path)
    for (const node of module?.program.body ?? []) {
      if (node.type !== 'ExportNamedDeclaration') continue
      if (node.source) unclear()
      for (const { exported, local } of node.specifiers)
        if ('name' in exported && exported.name === name && 'name' in local) return this.#named(path, local.name)
    }
    return this.#named(path, name)
  }
  #named(path: string, name: string): Shape {
    const variable = this.#scopes.get(path)?.set.get(name)
    return variable ? this.#shapeOf(variable) : unclear()
  }

  /** What an expression outside of functions gives. */
  #value(node: AnyNode): Shape {
    switch (node.type) {
      case 'Literal':
        return 'regex' in node && /[gy]/.test(node.regex?.flags ?? '') ? unclear() : 'leaf' // those two remember where they are
      case 'TemplateLiteral':
      case 'BinaryExpression':
      case 'UnaryExpression':
      case 'FunctionExpression':
      case 'ArrowFunctionExpression':
      case 'ClassExpression':
        return 'leaf'
      case 'LogicalExpression':
        return merged([this.#value(node.left), this.#value(node.right)])
      case 'ConditionalExpression':
        return merged([this.#value(node.consequent), this.#value(node.alternate)])
      case 'ArrayExpression':
        return { of: merged(node.elements.map((item) => this.#entry(item))), isList: true }
      case 'ObjectExpression':
        return {
          of: merged(node.properties.map((item) => this.#entry(item.type === 'Property' ? item.value : item))),
          isList: false,
        }
      case 'Identifier':
        return this.#variables.has(node) ? this.#shapeOf(this.#variables.get(node)!) : 'leaf'
      case 'MemberExpression':
        return inside(this.#value(node.object))
      case 'CallExpression':
        return this.#result(node)
      default:
        return unclear()
    }
  }
  #entry(node: AnyNode | null): Shape {
    if (node === null) return 'leaf'
    return node.type === 'SpreadElement' ? inside(this.#value(node.argument)) : this.#value(node)
  }

  #result(node: CallExpression): Shape {
    const { callee } = node
    const [first, second] = node.arguments
    if (callee.type === 'Identifier' && FUNCTIONS.has(callee.name) && !this.#variables.has(callee)) return 'leaf'
    if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier' || callee.computed) return unclear()
    const method = callee.property.name
    if (this.#isGlobal(callee.object, 'Math')) return 'leaf'
    if (this.#isGlobal(callee.object, 'Object') && first) {
      if (method === 'freeze') return this.#value(first)
      if (method === 'keys') return { of: 'leaf', isList: true }
      if (method === 'values') return { of: inside(this.#value(first)), isList: true }
      if (method === 'fromEntries') return { of: inside(inside(this.#value(first))), isList: false }
    }
    if (this.#isGlobal(callee.object, 'Array') && method === 'from' && second?.type === 'ArrowFunctionExpression')
      return second.body.type === 'BlockStatement' ? unclear() : { of: this.#value(second.body), isList: true }
    if (method === 'split' && callee.object.type === 'Literal') return { of: 'leaf', isList: true }
    return unclear()
  }
  #isGlobal(node: AnyNode, name: string): boolean {
    return node.type === 'Identifier' && node.name === name && !this.#variables.has(node)
  }

  /** A use of something that every realm has. */
  #global(node: Identifier): void {
    const parent = this.#parents.get(node)!
    if (!GLOBALS.has(node.name)) unclear()
    if (parent.type === 'MemberExpression' && parent.object === node && !this.#isWritten(parent)) return
    if ((parent.type === 'CallExpression' || parent.type === 'NewExpression') && parent.callee === node) return
    if (/^(undefined|NaN|Infinity)$/.test(node.name) && !this.#isWritten(node)) return
    if (parent.type === 'CallExpression' && FUNCTIONS.has(node.name)) return
    if (parent.type === 'VariableDeclarator' && parent.init === node && parent.id.type === 'ObjectPattern') return
    if (parent.type === 'BinaryExpression' || (parent.type === 'ClassDeclaration' && parent.superClass === node)) return
    unclear()
  }

  #isWritten(node: AnyNode): boolean {
    const parent = this.#parents.get(node)!
    switch (parent.type) {
      case 'AssignmentExpression':
      case 'AssignmentPattern':
      case 'ForInStatement':
      case 'ForOfStatement':
        return parent.left === node
      case 'UnaryExpression':
        return parent.operator === 'delete'
      case 'Property':
        return parent.value === node && this.#parents.get(parent)?.type === 'ObjectPattern'
      case 'UpdateExpression':
      case 'ArrayPattern':
      case 'RestElement':
        return true
      default:
        return false
    }
  }

  /** Looks at every use of a binding that holds `shape`. */
  #check(variable: Variable, shape: Shape): void {
    if (this.#seen.get(variable) === shape) return
    this.#seen.set(variable, shape)
    for (const reference of variable.references) {
      if (reference.init) continue
      if (reference.isWrite()) unclear()
      this.#use(reference.identifier as AnyNode, shape)
    }
  }

  /** Throws unless this use of an expression changes nothing of it, and lets nobody have it who could. */
  #use(node: AnyNode, shape: Shape): void {
    const parent = this.#parents.get(node)!
    if (this.#isWritten(node)) unclear()
    if (parent.type === 'MemberExpression' && parent.object === node) this.#member(parent, shape)
    else if (shape !== 'leaf') this.#give(node, parent, shape)
    else if (parent.type === 'CallExpression' && parent.callee !== node && this.#changes(parent)) unclear()
  }

  /** `node` is what `parent` works with. */
  #give(node: AnyNode, parent: AnyNode, shape: Exclude<Shape, 'leaf'>): void {
    switch (parent.type) {
      case 'ForInStatement':
      case 'BinaryExpression':
      case 'TemplateLiteral':
      case 'ExpressionStatement':
      case 'UnaryExpression':
      case 'ExportSpecifier':
      case 'MemberExpression': // as the key
        break
      case 'ForOfStatement':
        if (parent.left.type === 'VariableDeclaration') this.#bind(parent.left.declarations[0]!.id, shape.of)
        else unclear()
        break
      case 'VariableDeclarator':
        if (!this.#isOutside(parent)) this.#bind(parent.id, shape) // outside it is looked at by itself
        break
      case 'ConditionalExpression':
        if (parent.test !== node) this.#use(parent, shape)
        break
      case 'LogicalExpression':
        this.#use(parent, shape)
        break
      case 'SpreadElement':
        if (shape.of !== 'leaf' && !this.#isOutside(parent)) unclear()
        break
      case 'CallExpression':
        if (parent.callee === node) unclear()
        this.#argument(parent, node, shape)
        break
      default:
        if (!this.#isOutside(parent) || !/^(Property|ArrayExpression|Export)/.test(parent.type)) unclear()
    }
  }

  #isOutside(node: AnyNode): boolean {
    for (let at: AnyNode | undefined = node; at; at = this.#parents.get(at))
      if (/Function/.test(at.type) || at.type === 'PropertyDefinition') return false
    return true
  }

  #member(node: MemberExpression, shape: Shape): void {
    if (this.#isWritten(node)) unclear()
    if (shape === 'leaf') return
    const parent = this.#parents.get(node)!
    const isLength =
      shape.isList && !node.computed && node.property.type === 'Identifier' && node.property.name === 'length'
    if (isLength) return
    if (parent.type !== 'CallExpression' || parent.callee !== node) this.#use(node, shape.of)
    else if (shape.isList && !node.computed) this.#call(parent, node.property as Identifier, shape)
    // else it is a function that a table holds, and such a function knows no `this`
  }

  /** A method of a list. */
  #call(call: CallExpression, { name }: Identifier, shape: Exclude<Shape, 'leaf'>): void {
    if (CALLBACK_METHODS.has(name)) this.#callback(call.arguments[0], shape.of)
    if (LEAF_METHODS.has(name) || RESULT_METHODS.has(name)) return
    if (ELEMENT_METHODS.has(name)) this.#use(call, shape.of)
    else if (LIST_METHODS.has(name)) {
      if (shape.of !== 'leaf') this.#use(call, shape)
    } else unclear()
  }

  /** A function that is called with an element, its index, and nothing else that matters. */
  #callback(node: AnyNode | undefined, element: Shape): void {
    if (node?.type === 'Identifier' && FUNCTIONS.has(node.name) && !this.#variables.has(node)) return
    const params = node?.type === 'ArrowFunctionExpression' ? node.params : unclear() // others have `arguments`
    if (params.length > 2 || params.some(({ type }) => type === 'RestElement')) unclear()
    if (params[0]) this.#bind(params[0], element)
  }

  /** Handed to a function: one of ours, whose parameter is looked at then, or one that is known to change nothing. */
  #argument(call: CallExpression, node: AnyNode, shape: Exclude<Shape, 'leaf'>): void {
    const { callee } = call
    if (callee.type === 'MemberExpression') this.#builtIn(call, callee, shape)
    else {
      const at = call.arguments.indexOf(node as Expression)
      if (call.arguments.slice(0, at).some(({ type }) => type === 'SpreadElement')) unclear()
      const parameter = this.#parameters(callee)[at]
      if (!parameter || parameter.type === 'RestElement') unclear()
      else this.#bind(parameter, shape)
    }
  }

  #builtIn(call: CallExpression, callee: MemberExpression, shape: Exclude<Shape, 'leaf'>): void {
    const { object, property, computed } = callee
    const name = property.type === 'Identifier' && !computed ? property.name : ''
    if (this.#isGlobal(object, 'JSON') && name === 'stringify') return
    if (this.#isGlobal(object, 'Array') && name === 'isArray') return
    if (!this.#isGlobal(object, 'Object')) unclear()
    if (name === 'keys') return
    if (name === 'freeze') this.#use(call, shape)
    else if (name === 'values') this.#use(call, { of: shape.of, isList: true })
    else if (name === 'entries') this.#use(call, { of: { of: shape.of, isList: true }, isList: true })
    else unclear()
  }

  /** Of the function that `callee` names. */
  #parameters(callee: AnyNode): Pattern[] {
    const variable = callee.type === 'Identifier' ? this.#variables.get(callee) : undefined
    if (!variable || variable.references.some((use) => use.isWrite() && !use.init)) return unclear()
    const node = variable.defs[0]?.node as AnyNode | undefined
    const made = node?.type === 'VariableDeclarator' ? node.init : node
    if (made?.type === 'FunctionDeclaration' && !this.#names(made, 'arguments')) return made.params
    return made?.type === 'ArrowFunctionExpression' ? made.params : unclear()
  }

  #names(node: AnyNode, name: string): boolean {
    return (
      (node.type === 'Identifier' && node.name === name) || children(node).some((child) => this.#names(child, name))
    )
  }

  #changes({ callee }: CallExpression): boolean {
    if (callee.type !== 'MemberExpression' || !this.#isGlobal(callee.object, 'Object')) return false
    return callee.computed || (callee.property.type === 'Identifier' && CHANGERS.has(callee.property.name))
  }

  /** Looks at every use of the local names that `pattern` gives to what has `shape`. */
  #bind(pattern: Pattern, shape: Shape): void {
    for (const [identifier, part] of names(pattern, shape)) {
      if (part === 'leaf') continue // a local name that is written to changes nothing else
      const variable = this.#declared(identifier)
      if (variable.defs.length !== 1) unclear()
      this.#check(variable, part)
    }
  }

  #declared(identifier: Identifier): Variable {
    const known = this.#locals().get(identifier)
    return known ?? unclear()
  }
  #all: Map<AnyNode, Variable> | undefined
  #locals(): Map<AnyNode, Variable> {
    if (this.#all) return this.#all
    this.#all = new Map()
    const open = [...this.#scopes.values()]
    for (let scope = open.pop(); scope; scope = open.pop()) {
      for (const variable of scope.variables)
        for (const { name } of variable.defs) this.#all.set(name as AnyNode, variable)
      open.push(...scope.childScopes)
    }
    return this.#all
  }
}

function reaches(node: AnyNode): boolean {
  if (node.type === 'MemberExpression') return node.property.type === 'Identifier' && REACH.has(node.property.name)
  if (node.type !== 'ObjectPattern') return false
  return node.properties.some(
    (item) => item.type === 'Property' && (item.key.type !== 'Identifier' || item.computed || REACH.has(item.key.name)),
  )
}

const importsOf = ({ program }: Source): AnyNode[] => program.body.filter((node) => 'source' in node && node.source)

function merged(shapes: Shape[]): Shape {
  const tables = shapes.filter((shape) => shape !== 'leaf')
  if (tables.length === 0) return 'leaf'
  return { of: merged(tables.map(({ of }) => of)), isList: tables.some(({ isList }) => isList) }
}

/** The part of `shape` that `name` is given by `pattern`. */
function found(pattern: Pattern, name: Identifier, shape: Shape): Shape {
  for (const [identifier, part] of names(pattern, shape)) if (identifier === name) return part
  return unclear()
}

function names(pattern: Pattern, shape: Shape): [Identifier, Shape][] {
  switch (pattern.type) {
    case 'Identifier':
      return [[pattern, shape]]
    case 'ArrayPattern':
      return pattern.elements.flatMap((item) =>
        item ? names(item, item.type === 'RestElement' ? shape : inside(shape)) : [],
      )
    case 'ObjectPattern':
      return pattern.properties.flatMap((item) =>
        item.type === 'Property' ? names(item.value, inside(shape)) : names(item.argument, shape),
      )
    case 'RestElement':
      return names(pattern.argument, shape)
    case 'AssignmentPattern':
      return shape === 'leaf' ? names(pattern.left, shape) : unclear()
    default:
      return unclear()
  }
}
