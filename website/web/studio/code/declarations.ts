// Reads a .d.ts for the editor's completion. Runs when the pages are built, so that what is offered is what is there.
import ts from 'typescript'
import type { Api, Member } from './types.ts'

/** The interfaces and constants that the text of a .d.ts declares. Throws when it cannot be parsed. */
export function readDeclarations(fileName: string, text: string): Api {
  const file = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true)
  const host = { ...ts.createCompilerHost({}), getSourceFile: (name: string) => (name === fileName ? file : undefined) }
  const [wrong] = ts.createProgram([fileName], { noLib: true, types: [] }, host).getSyntacticDiagnostics(file)
  if (wrong) throw new Error(`${fileName}: ${ts.flattenDiagnosticMessageText(wrong.messageText, '\n')}`)

  const api: Api = { globals: {}, types: {} }
  const parents = new Map<string, string[]>()
  for (const statement of file.statements) {
    if (ts.isInterfaceDeclaration(statement)) {
      const name = statement.name.text
      api.types[name] = membersOf(statement.members, name, api)
      const clauses = statement.heritageClauses?.flatMap((clause) => [...clause.types]) ?? []
      parents.set(
        name,
        clauses.map((type) => type.expression.getText()),
      )
    } else if (ts.isVariableStatement(statement))
      for (const { name, type } of statement.declarationList.declarations)
        if (type && ts.isTypeReferenceNode(type)) api.globals[name.getText()] = type.typeName.getText()
  }
  for (const name of parents.keys()) api.types[name] = withInherited(name, api, parents)
  for (const members of Object.values(api.types))
    for (const member of members) if (member.gives && !(member.gives in api.types)) delete member.gives
  return api
}

function membersOf(nodes: ts.NodeArray<ts.TypeElement>, owner: string, api: Api): Member[] {
  const members: Member[] = []
  for (const node of nodes) {
    if (!node.name || !(ts.isPropertySignature(node) || ts.isMethodSignature(node))) continue
    const name = node.name.getText()
    if (members.some((member) => member.name === name)) continue // an overload; the first one says enough
    const call = ts.isMethodSignature(node) ? node : callOf(node.type)
    const gives = typeNameOf(call ? call.type : node.type, `${owner}.${name}`, owner, api)
    members.push({
      name,
      kind: call ? 'method' : 'property',
      signature: signatureOf(node, call),
      params: call?.parameters.map((parameter) => parameterName(parameter)) ?? [],
      doc: docOf(node),
      ...(gives ? { gives } : {}),
    })
  }
  return members
}

/** `name: (x: number) => void` is called like a method. */
const callOf = (type: ts.TypeNode | undefined): ts.FunctionTypeNode | undefined =>
  type && ts.isFunctionTypeNode(type) ? type : undefined

function signatureOf(node: ts.PropertySignature | ts.MethodSignature, call: ts.SignatureDeclaration | undefined) {
  if (!call) return `: ${oneLine(node.type?.getText() ?? 'any')}`
  const parameters = call.parameters.map((parameter) => oneLine(parameter.getText())).join(', ')
  return `(${parameters}): ${oneLine(call.type?.getText() ?? 'any')}`
}
const oneLine = (text: string) => text.replace(/\s+/g, ' ')

const parameterName = ({ name, questionToken, initializer, dotDotDotToken }: ts.ParameterDeclaration) =>
  `${dotDotDotToken ? '...' : ''}${name.getText()}${questionToken || initializer ? '?' : ''}`

function docOf(node: ts.Node): string {
  const comments = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc)
  return comments.map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '').join('\n')
}

/** The name under which the members of `type` are found. A type written in place gets the name of its place. */
function typeNameOf(type: ts.TypeNode | undefined, place: string, owner: string, api: Api): string | undefined {
  if (!type) return undefined
  if (type.kind === ts.SyntaxKind.ThisType) return owner
  if (ts.isParenthesizedTypeNode(type)) return typeNameOf(type.type, place, owner, api)
  if (ts.isUnionTypeNode(type)) {
    const names = type.types.map((part) => typeNameOf(part, place, owner, api)).filter((name) => name !== undefined)
    return names.length === 1 ? names[0] : undefined
  }
  if (ts.isTypeLiteralNode(type)) {
    api.types[place] = membersOf(type.members, place, api)
    return place
  }
  if (!ts.isTypeReferenceNode(type)) return undefined
  const name = type.typeName.getText()
  const [inner] = type.typeArguments ?? []
  return name === 'Readonly' ? typeNameOf(inner, place, owner, api) : name
}

function withInherited(name: string, api: Api, parents: Map<string, string[]>): Member[] {
  const own = (api.types[name] ?? []).map((member) => ({ ...member }))
  const names = new Set(own.map((member) => member.name))
  const chain = [...(parents.get(name) ?? [])]
  for (let parent = chain.shift(); parent !== undefined; parent = chain.shift()) {
    for (const member of api.types[parent] ?? [])
      if (!names.has(member.name)) {
        names.add(member.name)
        own.push({ ...member, ...(member.gives === parent ? { gives: name } : {}) }) // `this` is the heir
      }
    chain.push(...(parents.get(parent) ?? []))
  }
  return own
}
