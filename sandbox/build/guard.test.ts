// The guard changes no meaning, and ends what does not end.
import { createContext, Script } from 'node:vm'
import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping'
import { FIRST_TURNS, GUARD, makeGuard } from '@sandlot/shared/guard.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { guarded } from '../testing/guarded.ts'
import { PROGRAMS } from './testing/programs.ts'
import { randomProgram } from './testing/random.ts'

const LIMIT_MS = 50
const STEP_MS = 8 // the clock of code that does not end goes on by, so that it is asked a few times and not fifty

/** All that a program says, and how it ends. The clock of its guard goes on by `stepMs` with each question. */
async function run(code: string, stepMs = 0): Promise<{ trace: unknown[]; asked: number }> {
  const trace: unknown[] = []
  let asked = 0
  const guard = makeGuard({ limitMs: LIMIT_MS, now: () => ++asked * stepMs, later: setImmediate })
  const out = (...values: unknown[]) => trace.push(structuredClone(values))
  try {
    const context = createContext({ out, [GUARD]: guard })
    await new Script(code, { filename: 'client.js' }).runInContext(context, { timeout: 20_000 })
  } catch (error) {
    const { name, message, stack } = error as Error
    trace.push(`${name}: ${message}`, /client\.js:\d+:\d+/.exec(stack ?? '')?.[0])
  }
  await new Promise((done) => setImmediate(done))
  return { trace, asked }
}

const asScript = (source: string) => (/\bawait\b/.test(source) ? `(async () => {${source}\n})()` : source)
/** Guards that ask at every turn from the first on, so that both ways of each guard are taken. */
const eager = (code: string) => code.replaceAll(`=${FIRST_TURNS};`, '=1;')

describe('guarded code does what it did:', () => {
  for (const [title, source] of Object.entries(PROGRAMS)) {
    it(title, async () => {
      for (const mode of ['"use strict"\n', '']) {
        const program = mode + asScript(source)
        const { code } = guarded(program, 'client.js', 'script')
        const { trace } = await run(program)
        expect(trace).not.toEqual([])
        expect((await run(code)).trace.filter(isSaid)).toEqual(trace.filter(isSaid))
        if (mode) expect((await run(eager(code))).trace.filter(isSaid)).toEqual(trace.filter(isSaid))
      }
    })
  }

  it('any nesting of loops, labels, jumps, try, closures, generators and awaits', async () => {
    let asked = 0
    await fc.assert(
      fc.asyncProperty(randomProgram, async (program) => {
        const { trace } = await run(program)
        const eagerly = await run(eager(guarded(program, 'client.js', 'script').code))
        asked += eagerly.asked
        expect(eagerly.trace).toEqual(trace)
      }),
      { numRuns: 150 },
    )
    expect(asked).toBeGreaterThan(100)
  })
})

/** Not the place of a syntax error, which a script without a guard cannot have. */
const isSaid = (entry: unknown) => typeof entry !== 'string' || !entry.startsWith('client.js:')

describe('code that does not end is ended, with its line:', () => {
  const loop = (line: number) => `Error: Loop ran longer than ${LIMIT_MS} ms (client.js:${line})`
  const call = (line: number) => `Error: Function ran longer than ${LIMIT_MS} ms (client.js:${line})`
  const endless = 'const endless = { [Symbol.iterator]: () => ({ next: () => ({ value: 1 }) }) }\n'
  const cases: [title: string, source: string, message: string][] = [
    ['for', '\nfor (;;);', loop(2)],
    ['for with a test', 'let i = 1\nfor (; i > 0; i = 1) out.x = i', loop(2)],
    ['for to Infinity', 'let x\nfor (let i = 0; i < Infinity; i++) x = i', loop(2)],
    [
      'for over a list that grows',
      'const a = [1]\nfor (let i = 0; i < a.length; i++) a.push(a.pop(), 1) && a.pop() && a.push(i)',
      loop(2),
    ],
    ['for-of', `${endless}for (const x of endless);`, loop(2)],
    ['for-in within while', 'while (true)\nfor (const k in { a: 1 });', loop(2)],
    ['while', 'while (true)\n{\n}', loop(1)],
    ['do', '\ndo\n;\nwhile (true)', loop(2)],
    ['for await', `${endless}await (async () => {\nfor await (const x of endless);\n})()`, loop(3)],
    ['a loop of awaits', 'const f = async () => {\nwhile (true) await null\n}\nawait f()', loop(2)],
    ['a labelled loop that goes on', 'a: for (;;)\nfor (;;) continue a', loop(2)],
    ['a generator', 'function* g() {\nwhile (true) yield 1\n}\nfor (const x of g());', loop(4)],
    ['a static block', 'class A {\nstatic { for (;;); } }', loop(2)],
    ['a getter in a head', 'const o = { get on() { return true } }\nwhile (o.on);', loop(2)],
    ['a loop in a computed key', 'const o = { [(() => {\nfor (;;);\n})()]: 1 }', loop(2)],
    ['a loop in a template tag', 'const tag = () => {\nfor (;;);\n}\ntag`x`', loop(2)],
    ['recursion', 'const fib = (n) =>\n n < 2 ? n : fib(n - 1) + fib(n - 2)\nfib(99)', call(1)],
    [
      'recursion of functions',
      'function a(n) { if (n) { b(n - 1); b(n - 1) } } function b(n) { a(n); a(n) }\na(99)',
      call(1),
    ],
    ['a callback', 'const n = 1e9\nArray.from({ length: n }, () => String() && null)', call(2)],
    ['comparisons', 'const a = new Array(1e6).fill(1)\n\na.sort((x, y) => Number(x) - Number(y))', call(3)],
  ]
  for (const [title, source, message] of cases) {
    it(title, async () => {
      const program = asScript(source)
      const { trace } = await run(guarded(program, 'client.js', 'script').code, STEP_MS)
      expect(trace[0]).toBe(message)
    })
  }

  it('a game that catches the error does not go on for ever', async () => {
    const tries = 'for (;;) {\n  try {\n    for (;;);\n  } catch {}\n}'
    expect((await run(guarded(tries, 'client.js', 'script').code, STEP_MS)).trace[0]).toBe(loop(1))
    const nested = 'const f = () => { for (;;); }\nconst g = () => { try { f() } catch { g() } finally { g() } }\ng()'
    expect((await run(guarded(nested, 'client.js', 'script').code, STEP_MS)).trace[0]).toMatch(
      /^Error: (Loop|Function) ran/,
    )
    const jumps = 'a: for (;;) { try { for (;;); } finally { continue a } }'
    expect((await run(guarded(jumps, 'client.js', 'script').code, STEP_MS)).trace[0]).toBe(loop(1))
  })

  it('time is counted from the outermost entry on, and anew in the next task', async () => {
    const { code } = guarded('turn = () => { for (let i = 0, n = 20000; i < n; i++); }', 'client.js', 'script')
    let ms = 0
    let ended = () => {}
    const guard = makeGuard({
      limitMs: LIMIT_MS,
      now: () => ms,
      later: (callback) => {
        ended = callback
      },
    })
    const context = createContext({ turn: () => {}, [GUARD]: guard })
    new Script(code).runInContext(context)
    context.turn()
    ms += LIMIT_MS
    context.turn() // still the same task, and just in time
    ms += 1
    expect(() => context.turn()).toThrow(/^Loop ran longer than 50 ms/)
    expect(() => context.turn()).toThrow(/^Loop ran longer than 50 ms/)
    ended()
    context.turn()
  })
})

it('a loop that cannot run long has no guard, and one that might has', () => {
  const short = [
    'for (let i = 0; i < 100; i++) s += i',
    'for (let i = 0; i < a.length; i++) { a[i] = b[i] * 2; n++ }',
    'for (let i = a.length - 1; i >= 0; i--) if (a[i] > m) m = a[i]',
    'for (let i = 0; i < 4; i++) f(i)',
    'for (const step of [1, -1, 40]) f(step)',
  ]
  const long = [
    'for (let i = 0; i < 1e9; i++) s += i',
    'for (let i = 0; i < n; i++) s += i',
    'for (let i = 0; i < 100; i--) s += i',
    'for (let i = 0; i < 100; i++) f(i)',
    'for (let i = 0; i < 100; i++) i = 0',
    'for (let i = 0; i < 4; i++) f(() => { i = 0 })',
    'for (let i = 0; i < 4; i++) ({ i } = o)',
    'for (let i = 0; i < 4; i++) for (let j = 0; j < 4; j++) i = 0',
    'for (let i = 0; i < a.length; i++) a[a.length] = i',
    'for (let i = 0; i < a.length; i++) a.length++',
    'for (let i = 0; i < a.length; i++) a = b',
    'for (let i = 0; i < a.length; i++) [...a]',
    'for (var i = 0; i < 100; i++) s += i',
    'for (const x of [1, ...a]) s += x',
    'for (const x of a) s += x',
    'while (s < 10) s++',
  ]
  const hasGuard = (source: string) => guarded(source, 'client.js', 'script').code.includes(GUARD)
  expect(short.filter(hasGuard)).toEqual([])
  expect(long.filter((source) => !hasGuard(source))).toEqual([])
})

it('each `await` at the top level of a module says where it is before it waits, and gives what it gave', async () => {
  const source = `
    export const seen = [await 1, await (2, 3), await (async () => await 4)(), await await (() => 5)()]
    const it = { async self() { return this === it } }
    seen.push(await it.self(), (await function () {}).name)
    for await (const value of [6, Promise.resolve(7)]) seen.push(value)
    class Named { [await 'key'] = () => { for (;;) break } }
    seen.push(Object.keys(new Named()))`
  const { code } = guarded(source, 'client.js', 'module')
  const places: string[] = []
  const guard = makeGuard({
    limitMs: LIMIT_MS,
    now: () => 0,
    later: setImmediate,
    waits: (place) => places.push(place),
  })
  const context = createContext({ [GUARD]: guard })
  const body = code.replace('export const seen', 'var seen').replaceAll(/^/gm, ' ')
  const seen = await new Script(`(async () => {${body}\n return seen })()`).runInContext(context)
  expect([...seen].map(String)).toEqual(['1', '3', '4', '5', 'true', '', '6', '7', 'key'])
  expect(places).toEqual([2, 2, 2, 2, 2, 4, 4, 5, 6].map((line) => `client.js:${line}`))
})

it('a name that the guard needs is refused with its place', () => {
  expect(() => guarded(`let a\nlet ${GUARD} = 1`, 'client.js', 'module')).toThrow(
    expect.objectContaining({ problem: expect.objectContaining({ file: 'client.js', line: 2, column: 5 }) }),
  )
})

describe('a source map', () => {
  it('leads every word of guarded code back to where it was written', () => {
    let words = 0
    for (const source of Object.values(PROGRAMS)) {
      const { code, map } = guarded(asScript(source), 'client.js', 'script')
      const trace = new TraceMap(map as never)
      const written = asScript(source).split(LINE_END)
      code.split(LINE_END).forEach((line, row) => {
        for (const { 0: word, index } of line
          .replaceAll(GUARDS, (text) => ' '.repeat(text.length))
          .matchAll(/[\w$]+/g)) {
          const { line: there, column } = originalPositionFor(trace, { line: row + 1, column: index })
          expect([there, written[row]!.slice(column!, column! + word.length)]).toEqual([row + 1, word])
          words++
        }
      })
      expect(map.sourcesContent).toEqual([asScript(source)])
    }
    expect(words).toBeGreaterThan(1_500)
  })

  it('leads an error of a guard to its loop', async () => {
    const { code, map } = guarded('let a = 1\nlet b = 2; while (a < 2)\n{\n  b++\n}', 'client.js', 'script')
    const [, place] = (await run(code, 1)).trace
    const [, line, column] = String(place).split(':').map(Number)
    const found = originalPositionFor(new TraceMap(map as never), { line: line!, column: column! - 1 })
    expect(found).toMatchObject({ source: 'client.js', line: 2, column: 11 })
  })
})
const LINE_END = /\r\n?|[\n\u2028\u2029]/
const GUARDS = /(?:var \$\w\$*=\d+;)|--\$\w\$*>0\|\|\(\$\w\$*=__sandlot\("[^"]*"(?:,true)?\)\|0\)[;,]?/g
