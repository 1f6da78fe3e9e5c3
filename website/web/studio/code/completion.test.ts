import { CompletionContext, type CompletionResult } from '@codemirror/autocomplete'
import { EditorState } from '@codemirror/state'
import { describe, expect, it } from 'vitest'
import { gameApis } from '../../vite.config.ts'
import { languageOf } from './language.ts'

const apis = gameApis()

/** What is offered at the | of a text, by all that know the file's language. */
async function offered(path: string, marked: string): Promise<string[]> {
  const pos = marked.indexOf('|')
  const doc = marked.replace('|', '')
  const state = EditorState.create({ doc, extensions: [languageOf(path, apis)] })
  const context = new CompletionContext(state, pos, false)
  const sources = state.languageDataAt<(context: CompletionContext) => CompletionResult | null>('autocomplete', pos)
  const results = await Promise.all(
    sources.map((source) => (typeof source === 'function' ? source(context) : { from: pos, options: source })),
  )
  return results.flatMap((result) => result?.options.map(({ label }) => label) ?? [])
}

describe('in client.js', () => {
  it.each([
    ['gameAPI.|', 'createSprite'],
    ['if (a) { gameAPI.crea| }', 'createSprite'],
    ['gameAPI.pointer.|', 'down'],
    ["const ship = gameAPI.createSprite('ship', 1, 2)\nship.|", 'moveTo'],
    ['const api = gameAPI\nconst all = api.group((one) => one)\nall.|', 'sync'],
    ['let x = `$' + '{gameAPI.|}`', 'createSprite'], // in two parts, so that nobody takes it for a slip
    ['gam|', 'gameAPI'],
  ])('%j offers %s', async (text, name) => expect(await offered('client.js', text)).toContain(name))

  it.each([
    "'gameAPI.|'",
    '// gameAPI.|',
    'other.gameAPI.|',
    'gameAPI.nothing.|',
    'const a = b\nconst b = a\na.|',
    'gameAPI.createSprite.|',
    'const make = gameAPI.createSprite\nmake.|',
    'constructor.|',
    'room.|',
  ])('%j offers no member', async (text) => {
    expect(await offered('client.js', text)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(create|x$|move|send)/)]),
    )
  })
})

describe('in server.js', () => {
  it('room offers what the host gives it, and gameAPI nothing', async () => {
    const text = 'export const tick = (state, room) => { room.| }'
    expect(await offered('server.js', text)).toEqual(expect.arrayContaining(['broadcast', 'frame', 'store']))
    expect(await offered('server.js', text.replace('|', 'store.|'))).toEqual(['get', 'set'])
    expect(await offered('server.js', 'gameAPI.|')).not.toContain('createSprite')
  })
  it('export const and export function offer the functions that a game has', async () => {
    const names = ['setup', 'join', 'leave', 'host', 'actions', 'tick', 'view', 'migrate']
    expect(await offered('server.js', 'export const |')).toEqual(expect.arrayContaining(names))
    expect(await offered('server.js', 'export function ti|')).toEqual(expect.arrayContaining(names))
    expect(await offered('client.js', 'export const |')).not.toContain('migrate')
  })
})

it('files between both sides know both APIs; TypeScript too; JSON and plain text know none', async () => {
  for (const path of ['lib/rules.js', 'lib/rules.ts', 'helper.mjs']) {
    expect(await offered(path, 'gameAPI.|')).toContain('createSprite')
    expect(await offered(path, 'room.|')).toContain('broadcast')
  }
  for (const path of ['game.json', 'notes.md', 'js']) expect(await offered(path, 'gameAPI.|')).toEqual([])
})
