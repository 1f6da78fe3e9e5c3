// The types that creators' editors use say the truth about the examples, and each function has one.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { expect, it } from 'vitest'

const TYPES = fileURLToPath(new URL('./game-api.d.ts', import.meta.url))
const EXAMPLES = fileURLToPath(new URL('../examples/', import.meta.url))
const OPTIONS: ts.CompilerOptions = {
  allowJs: true,
  checkJs: true,
  noEmit: true,
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ['lib.esnext.d.ts'], // no DOM: a worker has none
  types: [],
  strict: false, // what an editor asks of plain JavaScript
  strictNullChecks: false,
}

/** What an editor would underline in these client files. */
function complaints(files: string[], extra: Record<string, string> = {}): string[] {
  const host = ts.createCompilerHost(OPTIONS)
  const read = host.readFile
  const exists = host.fileExists
  host.readFile = (file) => extra[file] ?? read(file)
  host.fileExists = (file) => file in extra || exists(file)
  const source = host.getSourceFile
  host.getSourceFile = (file, ...rest) =>
    extra[file] === undefined ? source(file, ...rest) : ts.createSourceFile(file, extra[file], ts.ScriptTarget.ESNext)
  const program = ts.createProgram([TYPES, ...files], OPTIONS, host)
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ file, messageText }) => `${file?.fileName} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`)
}

const clients = readdirSync(`${EXAMPLES}api/clients`)
/** The names of an interface of game-api.d.ts. */
function members(of: string): string[] {
  const source = ts.createSourceFile(TYPES, readFileSync(TYPES, 'utf8'), ts.ScriptTarget.ESNext)
  const found = source.statements.find((node) => ts.isInterfaceDeclaration(node) && node.name.text === of)
  return (found as ts.InterfaceDeclaration).members.map((member) => (member.name as ts.Identifier).text)
}

it('every example client is right by the types, and each is a script of its own', () => {
  const games = readdirSync(EXAMPLES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'api')
    .map(({ name }) => `${EXAMPLES}${name}/client.js`)
  expect(games.length).toBeGreaterThan(4)
  // A script without an import shares its names with all others: as in a worker, each is a module.
  const modules = Object.fromEntries(
    [...games, ...clients.map((name) => `${EXAMPLES}api/clients/${name}`)].map((file) => [
      file,
      `${readFileSync(file, 'utf8')}\nexport {}\n`,
    ]),
  )
  expect(complaints(Object.keys(modules), modules)).toEqual([])
})

it('the types refuse what gameAPI has not', () => {
  const file = `${EXAMPLES}api/wrong.js`
  const wrong = (line: string) => complaints([file], { [file]: `${line}\nexport {}\n` })
  expect(wrong('gameAPI.creatSprite("ship", 1, 2)')).toEqual([expect.stringContaining("Did you mean 'createSprite'")])
  expect(wrong('gameAPI.createSprite("ship", "1", 2)')).toHaveLength(1)
  expect(wrong('gameAPI.createSprite("ship", 1, 2).x = 3')).toEqual([])
})

it('every member of gameAPI has a runnable example and a sentence about it', () => {
  const named = clients.map((file) => file.replace('.js', ''))
  const all = members('GameAPI')
  expect(all.length).toBeGreaterThan(35)
  expect(all.filter((name) => !named.includes(name) && name !== 'height')).toEqual([]) // height is in the one of width
  expect(named.filter((name) => !all.includes(name))).toEqual([])
  for (const file of clients) {
    const code = readFileSync(`${EXAMPLES}api/clients/${file}`, 'utf8')
    expect(code).toMatch(
      new RegExp(`gameAPI\\.${file.replace('.js', '')}\\b|\\b${file.replace('.js', '')}\\b.* = gameAPI`),
    )
  }
})
