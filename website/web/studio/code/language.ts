// How a file is read by its name: JavaScript, TypeScript, JSON, or plain text.
import { javascript, javascriptLanguage, typescriptLanguage } from '@codemirror/lang-javascript'
import { json } from '@codemirror/lang-json'
import type { Extension } from '@codemirror/state'
import { exportSource, memberSource } from './completion.ts'
import type { Api } from './types.ts'

/** What completion knows, by the side of the game it runs on. */
export interface Apis {
  client: Api
  server: Api
}

/** The extensions for a file. The names of the two entry files say which side they run on; other files may serve both. */
export function languageOf(path: string, { client, server }: Apis): Extension {
  if (/\.json$/i.test(path)) return json()
  const [, ending] = /\.([cm]?[jt]s)$/i.exec(path) ?? []
  if (ending === undefined) return []
  const typescript = /ts/i.test(ending)
  const sources = []
  if (!/^server\.[jt]s$/.test(path)) sources.push(memberSource(client))
  if (!/^client\.[jt]s$/.test(path)) sources.push(memberSource(server), exportSource(server, 'Server'))
  const language = typescript ? typescriptLanguage : javascriptLanguage
  return [javascript({ typescript }), sources.map((autocomplete) => language.data.of({ autocomplete }))]
}
