// Reads a .d.ts for the editor's completion. Runs when the pages are built, so that what is offered is what is there.
import ts from 'typescript'
import type { Api, Member } from './types.ts'

const OPTIONS: ts.CompilerOptions = { lib: ['lib.es5.d.ts'], types: [], strict: true, noEmit: true }

/** The interfaces and constants that the text of a .d.ts declares. Throws when it cannot be parsed. */
export function readDeclarations(fileName: string, text: string): Api {
  const file = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true)
  const host = ts.createCompilerHost(OPTIONS)
  const load = host.getSourceFile
  host.getSourceFile = (name, ...rest) => (name === fileName ? file : load(name, ...rest))
  const program = ts.createProgram([fileName], OPTIONS, host)
  const [wrong] = program.getSyntacticDiagnostics(file)
  if (wrong) throw new Error(`${fileName}: ${ts.flattenDiagnosticMessageText(wrong.messageText, '\n')}`)
  return new Reader(file, program.getTypeChecker()).read()
}

class Reader {
  #file: ts.SourceFile
  #checker: ts.TypeChecker
  #names = new Map<ts.Type, string>()
  #api: Api = { globals: {}, types: {} }

  constructor(file: ts.SourceFile, checker: ts.TypeChecker) {
    this.#file = file
    this.#checker = checker
  }

  read(): Api {
    for (const statement of this.#file.statements) {
      if (ts.isInterfaceDeclaration(statement)) this.#nameOf(this.#checker.getTypeAtLocation(statement), '')
      if (!ts.isVariableStatement(statement)) continue
      for (const { name } of statement.declarationList.declarations) {
        const type = this.#nameOf(this.#checker.getTypeAtLocation(name), name.getText())
        if (type) this.#api.globals[name.getText()] = type
      }
    }
    return this.#api
  }

  /** The name under which a type's members are found, undefined when it has none of this file. A type without a name gets that of its place. */
  #nameOf(type: ts.Type, place: string): string | undefined {
    const plain = this.#plain(type)
    const known = this.#names.get(plain)
    if (known !== undefined) return known
    const properties = this.#checker.getPropertiesOfType(plain).filter((property) => this.#declarationOf(property))
    if (properties.length === 0) return undefined
    const name = plain.isClassOrInterface() ? plain.symbol.name : place
    this.#names.set(plain, name) // before its members, which may give it again
    const members: Member[] = []
    this.#api.types[name] = members
    for (const property of properties) members.push(this.#member(property, name))
    return name
  }

  /** Without null and undefined; a type parameter, `this` too, is what it extends; a generic type is itself whatever it is given. */
  #plain(type: ts.Type): ts.Type {
    const some = this.#checker.getNonNullableType(type)
    const base = some.isTypeParameter() ? (this.#checker.getBaseConstraintOfType(some) ?? some) : some
    return (base as Partial<ts.TypeReference>).target ?? base
  }

  #declarationOf(property: ts.Symbol): ts.PropertySignature | ts.MethodSignature | undefined {
    return property.declarations
      ?.filter((node) => ts.isPropertySignature(node) || ts.isMethodSignature(node))
      .find((node) => node.getSourceFile() === this.#file)
  }

  #member(property: ts.Symbol, owner: string): Member {
    const node = this.#declarationOf(property)!
    const type = this.#checker.getNonNullableType(this.#checker.getTypeOfSymbol(property))
    const [call] = type.getCallSignatures()
    const gives = this.#nameOf(call ? call.getReturnType() : type, `${owner}.${property.name}`)
    return {
      name: property.name,
      kind: call ? 'method' : 'property',
      ...written(node),
      doc: ts.displayPartsToString(property.getDocumentationComment(this.#checker)),
      ...(gives ? { gives } : {}),
    }
  }
}

/** Signature and parameters as they were written: what the types come to is longer and says less. */
function written(node: ts.PropertySignature | ts.MethodSignature): Pick<Member, 'signature' | 'params'> {
  const call = ts.isMethodSignature(node) ? node : node.type && ts.isFunctionTypeNode(node.type) ? node.type : undefined
  if (!call) return { signature: `: ${oneLine(node.type?.getText() ?? 'any')}`, params: [] }
  const parameters = call.parameters.map((parameter) => oneLine(parameter.getText())).join(', ')
  return {
    signature: `(${parameters}): ${oneLine(call.type?.getText() ?? 'any')}`,
    params: call.parameters.map(parameterName),
  }
}
const oneLine = (text: string) => text.replace(/\s+/g, ' ')

const parameterName = ({ name, questionToken, initializer, dotDotDotToken }: ts.ParameterDeclaration) =>
  `${dotDotDotToken ? '...' : ''}${name.getText()}${questionToken || initializer ? '?' : ''}`
