// What a module exports, and whether what is imported from it is there: in a browser such an error has no line.
import type { Declaration, ModuleDeclaration, Node, Pattern, Program } from 'acorn'

/** `from` is a path inside the game's folder. */
export interface Exports {
  names: ReadonlySet<string>
  /** The modules of `export * from`. */
  stars: readonly string[]
}
export interface Import {
  name: string
  from: string
  node: Node
}

const nameOf = (node: { type: string; name?: string; value?: unknown }): string =>
  node.type === 'Identifier' ? node.name! : String(node.value)

/** `resolve`: the path that a specifier leads to. */
export function readExports(program: Program, resolve: (specifier: string) => string): Exports & { imports: Import[] } {
  const names = new Set<string>()
  const stars: string[] = []
  const imports: Import[] = []
  for (const node of program.body as ModuleDeclaration[]) {
    if (node.type === 'ExportDefaultDeclaration') names.add('default')
    if (node.type === 'ExportAllDeclaration') {
      if (node.exported) names.add(nameOf(node.exported))
      else stars.push(resolve(String(node.source.value)))
    }
    if (node.type === 'ExportNamedDeclaration') {
      for (const name of declared(node.declaration)) names.add(name)
      for (const { exported, local } of node.specifiers) {
        names.add(nameOf(exported))
        if (node.source) imports.push({ name: nameOf(local), from: resolve(String(node.source.value)), node: local })
      }
    }
    if (node.type === 'ImportDeclaration') {
      const from = resolve(String(node.source.value))
      for (const specifier of node.specifiers) {
        if (specifier.type === 'ImportSpecifier')
          imports.push({ name: nameOf(specifier.imported), from, node: specifier.imported })
        if (specifier.type === 'ImportDefaultSpecifier') imports.push({ name: 'default', from, node: specifier })
      }
    }
  }
  return { names, stars, imports }
}

function declared(declaration: Declaration | null | undefined): string[] {
  if (!declaration) return []
  if (declaration.type !== 'VariableDeclaration') return [declaration.id.name]
  return declaration.declarations.flatMap(({ id }) => bound(id))
}

function bound(pattern: Pattern | null): string[] {
  switch (pattern?.type) {
    case 'Identifier':
      return [pattern.name]
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) =>
        bound(property.type === 'Property' ? property.value : property.argument),
      )
    case 'ArrayPattern':
      return pattern.elements.flatMap(bound)
    case 'RestElement':
      return bound(pattern.argument)
    case 'AssignmentPattern':
      return bound(pattern.left)
    default:
      return []
  }
}

/** All that can be imported by name from the module at `path`. */
export function namesOf(path: string, modules: ReadonlyMap<string, { exports: Exports }>): Set<string> {
  const all = new Set<string>()
  const seen = new Set<string>()
  const visit = (at: string): void => {
    const module = modules.get(at)
    if (!module || seen.has(at)) return
    seen.add(at)
    for (const name of module.exports.names) if (name !== 'default' || at === path) all.add(name)
    for (const star of module.exports.stars) visit(star)
  }
  visit(path)
  return all
}
