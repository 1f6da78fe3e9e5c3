// What the editor offers after a dot: the members of the game's API, of what its functions give, and the exports of a server.js.
import { type Completion, type CompletionContext, type CompletionSource, snippet } from '@codemirror/autocomplete'
import { syntaxTree } from '@codemirror/language'
import type { Api, Member } from './types.ts'

const CHAIN = /(?:^|[^\w$.)\]])([A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*)\.([\w$]*)$/
const MAX_HOPS = 8 // `const a = b`, `const b = a` must end

/** Offers the members of `api` after a dot, and its constants by their names. */
export function memberSource(api: Api): CompletionSource {
  return (context) => {
    if (isText(context)) return null
    const line = context.state.doc.lineAt(context.pos)
    const before = line.text.slice(0, context.pos - line.from)
    const [, chain, typed] = CHAIN.exec(before) ?? []
    if (chain === undefined || typed === undefined) return constants(api, context)
    const members = api.types[typeOf(chain, context.state.doc.toString(), api) ?? '']
    if (!members) return null
    return { from: context.pos - typed.length, options: members.map(completionOf), validFor: /^[\w$]*$/ }
  }
}

/** Offers the functions that a server.js may export, behind `export const` and `export function`. `type` names their interface. */
export function exportSource(api: Api, type: string): CompletionSource {
  return (context) => {
    const [before, form, typed] =
      context.matchBefore(/^export\s+(?:const|function)\s+\w*/)?.text.match(/^export\s+(\w+)\s+(\w*)$/) ?? []
    if (before === undefined || typed === undefined) return null
    const options = (api.types[type] ?? []).map((member) => ({
      ...completionOf(member),
      apply: snippet(form === 'const' ? constant(member) : `${member.name}${head(member)} {\n\t\${}\n}`),
    }))
    return { from: context.pos - typed.length, options, validFor: /^\w*$/ }
  }
}
const head = ({ params }: Member) => `(${params.map((name) => name.replace('?', '')).join(', ')})`
const constant = (member: Member) =>
  member.kind === 'method' ? `${member.name} = ${head(member)} => {\n\t\${}\n}` : `${member.name} = {\n\t\${}\n}`

const isText = ({ state, pos }: CompletionContext) =>
  /String|Comment|RegExp/.test(syntaxTree(state).resolveInner(pos, -1).name)

function constants(api: Api, context: CompletionContext) {
  const word = context.matchBefore(/[\w$]+$/)
  if (!word || /[.\w$]$/.test(context.state.sliceDoc(Math.max(0, word.from - 1), word.from))) return null
  const options = Object.entries(api.globals).map(([label, detail]) => ({ label, detail, type: 'variable', boost: 1 }))
  return { from: word.from, options, validFor: /^[\w$]*$/ }
}

/** The type of `a.b.c`, or of `a.b.c()`: from a constant of the API, or a variable of this file that was made from one. */
function typeOf(chain: string, text: string, api: Api, hops = 0, isCalled = false): string | undefined {
  const [first = '', ...rest] = chain.split('.')
  let type = Object.hasOwn(api.globals, first) ? api.globals[first] : variableType(first, text, api, hops)
  for (const [index, name] of rest.entries()) {
    const member = memberOf(api, type, name)
    const needed = isCalled && index === rest.length - 1 ? 'method' : 'property'
    type = member?.kind === needed ? member.gives : undefined
  }
  return type
}

function variableType(name: string, text: string, api: Api, hops: number): string | undefined {
  if (hops >= MAX_HOPS) return undefined
  const escaped = name.replaceAll('$', '\\$&')
  const made = new RegExp(`(?:^|[^\\w$])(?:const|let|var)\\s+${escaped}\\s*=\\s*([A-Za-z_$][\\w$.]*)(\\(?)`).exec(text)
  return made?.[1] === undefined ? undefined : typeOf(made[1], text, api, hops + 1, made[2] === '(')
}

const memberOf = (api: Api, type: string | undefined, name: string): Member | undefined =>
  type === undefined || !Object.hasOwn(api.types, type)
    ? undefined
    : api.types[type]?.find((member) => member.name === name)

const completionOf = (member: Member): Completion => ({
  label: member.name,
  detail: member.kind === 'method' ? `(${member.params.join(', ')})` : member.signature,
  type: member.kind,
  info: () => infoOf(member),
})

function infoOf({ name, signature, doc }: Member): HTMLElement {
  const info = document.createElement('div')
  const code = info.appendChild(document.createElement('code'))
  code.textContent = `${name}${signature}`
  if (doc) info.appendChild(document.createElement('p')).textContent = doc
  return info
}
