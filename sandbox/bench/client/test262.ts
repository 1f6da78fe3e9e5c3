// Runs the ECMAScript conformance suite's tests of loops, jumps, functions and classes without guards, with them, and with guards that ask
// at every turn, and compares the verdicts. Not part of the repository: DIR is a checkout of github.com/tc39/test262.
//   npm run test262 -- DIR [PART OF A PATH] [--json FILE]
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { type Context, createContext, runInContext, Script, SourceTextModule } from 'node:vm'
import { FIRST_TURNS, GUARD, makeGuard } from '@sandlot/shared/guard.ts'
import { guarded } from '../../testing/guarded.ts'

// Without await-using, on which Node.js 24 itself crashes in a context of its own, guards or not.
const FOLDERS = [
  ...'for for-in for-of for-await-of while do-while labeled continue break switch try return block'.split(' '),
  ...'generators async-function async-generator function using'.split(' '),
].map((name) => `test/language/statements/${name}`)
FOLDERS.push(
  ...'arrow-function async-arrow-function generators async-generator function tagged-template yield await call'
    .split(' ')
    .map((name) => `test/language/expressions/${name}`),
)
const TIMEOUT_MS = 10_000
const MAX_TURNS = 2_000 // of the event loop, for a test that says when it is done
const FORMS = ['unguarded', 'guarded', 'eager'] as const

interface Test {
  source: string
  flags: Set<string>
  includes: string[]
}

function readTest(file: string): Test {
  const source = readFileSync(file, 'utf8')
  const meta = /\/\*---([\s\S]*?)---\*\//.exec(source)?.[1] ?? ''
  const list = (name: string) => {
    const inline = new RegExp(`^${name}:\\s*\\[([^\\]]*)\\]`, 'm').exec(meta)?.[1]
    const block = new RegExp(`^${name}:\\s*\\n((?:\\s+-\\s.*\\n)+)`, 'm').exec(meta)?.[1]
    return (inline?.split(',') ?? block?.split('\n').map((line) => line.replace(/^\s+-\s/, '')) ?? [])
      .map((item) => item.trim())
      .filter(Boolean)
  }
  return { source, flags: new Set(list('flags')), includes: list('includes') }
}

/** How a test ends: 'done', or the error. Places are left out: columns differ. */
async function verdict(code: string, { flags, includes }: Test, harness: (name: string) => Script): Promise<string> {
  let said = ''
  const context = createContext({
    print: (text: unknown) => {
      said = String(text)
    },
  })
  host(context)
  try {
    if (!flags.has('raw')) for (const name of ['assert.js', 'sta.js']) harness(name).runInContext(context)
    if (flags.has('async')) harness('doneprintHandle.js').runInContext(context)
    for (const name of includes) harness(name).runInContext(context)
    if (flags.has('module')) {
      const module = new SourceTextModule(code, { context, identifier: 'test.js' })
      await module.link((specifier) => {
        throw new Error(`no module ${specifier}`)
      })
      const ended = module.evaluate({ timeout: TIMEOUT_MS })
      if (!flags.has('async')) await Promise.race([ended, turns(() => false)])
      else ended.catch(() => {}) // said by the test
    } else new Script(code, { filename: 'test.js' }).runInContext(context, { timeout: TIMEOUT_MS })
    if (!flags.has('async')) return 'done'
    await turns(() => said !== '')
    return said || 'never done'
  } catch (error) {
    return described(error)
  }
}

/** Lets the event loop turn until `isOver`, or often enough. */
async function turns(isOver: () => boolean): Promise<void> {
  for (let turn = 0; turn < MAX_TURNS && !isOver(); turn++) await new Promise(setImmediate)
}

function described(error: unknown): string {
  try {
    const thrown = error as Error
    return `${thrown.name || thrown.constructor?.name}: ${String(thrown.message).slice(0, 200)}`
  } catch {
    return 'an error that cannot be shown'
  }
}

/** What the suite asks of its host, and the guard. */
function host(context: Context): void {
  const guard = makeGuard({ limitMs: TIMEOUT_MS, now: performance.now.bind(performance), later: setImmediate })
  Object.defineProperty(context, GUARD, { value: guard })
  const global = runInContext('globalThis', context)
  const $262 = {
    global,
    evalScript: (code: string) => runInContext(code, context),
    createRealm() {
      const other = createContext({ print: () => {} })
      host(other)
      return other.$262
    },
    detachArrayBuffer: (buffer: ArrayBuffer) => structuredClone(buffer, { transfer: [buffer] }),
    gc() {},
    get IsHTMLDDA() {
      return undefined
    },
    agent: {},
  }
  Object.defineProperty(context, '$262', { value: $262, writable: true, configurable: true })
}

function codeOf(source: string, form: (typeof FORMS)[number], type: 'module' | 'script'): string {
  if (form === 'unguarded') return source
  const { code } = guarded(source, 'test.js', type)
  return form === 'eager' ? code.replaceAll(`=${FIRST_TURNS};`, '=1;') : code
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'string' } } })
const [dir, only = ''] = positionals
if (dir === undefined) throw new Error('Usage: npm run test262 -- DIR [PART OF A PATH] [--json FILE]')
process.on('unhandledRejection', () => {}) // a test's own
const scripts = new Map<string, Script>()
const harness = (name: string): Script => {
  let script = scripts.get(name)
  if (!script) {
    script = new Script(readFileSync(join(dir, 'harness', name), 'utf8'), { filename: name })
    scripts.set(name, script)
  }
  return script
}

const counts = {
  files: 0,
  runs: 0,
  guarded: 0,
  refused: 0,
  needsModules: 0,
  differences: [] as string[],
  notParsed: [] as string[],
}
for (const folder of FOLDERS) {
  process.stderr.write(`${folder}: ${counts.files} files so far, ${counts.differences.length} differences\n`)
  for (const entry of readdirSync(join(dir, folder), { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name)
    if (!entry.isFile() || !entry.name.endsWith('.js') || entry.name.includes('_FIXTURE') || !file.includes(only))
      continue
    const test = readTest(file)
    const { flags, source } = test
    if (flags.has('module') && /^\s*(import|export)\b[^(;]*\bfrom\b|import\s*\(/m.test(source)) {
      counts.needsModules++
      continue
    }
    counts.files++
    const strict = !flags.has('noStrict') && !flags.has('raw') && !flags.has('module')
    const modes = [...(flags.has('onlyStrict') ? [] : ['']), ...(strict ? ['"use strict";\n'] : [])]
    for (const mode of modes) {
      const whole = mode + source
      const type = flags.has('module') ? 'module' : 'script'
      const plain = await verdict(whole, test, harness)
      counts.runs++
      for (const form of ['guarded', 'eager'] as const) {
        let code: string
        try {
          code = codeOf(whole, form, type)
        } catch {
          // The build refuses it. A browser must do so too, or it is not for the guard to say.
          if (plain.startsWith('SyntaxError')) counts.refused++
          else if (form === 'guarded') counts.notParsed.push(relative(dir, file))
          continue
        }
        if (code !== whole) counts.guarded++
        const other = code === whole ? plain : await verdict(code, test, harness)
        if (other !== plain)
          counts.differences.push(`${relative(dir, file)} ${mode ? 'strict' : type} ${form}: ${plain} | ${other}`)
      }
    }
  }
}
console.log(
  `${counts.files} files, ${counts.runs} runs without a guard; ${counts.guarded} runs with guards in them; ` +
    `${counts.refused} refused by the build and by V8; ${counts.notParsed.length} that V8 takes and the build does not; ` +
    `${counts.needsModules} of several files left out; ${counts.differences.length} differences`,
)
for (const difference of counts.differences.slice(0, 100)) console.log(difference)
if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(counts, null, 2))
process.exitCode = counts.differences.length > 0 ? 1 : 0
