// Programs made at random of loops, labels, jumps, try, closures, generators and awaits. Each ends: all of them share a number of steps.
import fc from 'fast-check'

const { statement } = fc.letrec<{ statement: string; body: string; block: string }>((tie) => {
  const test = fc.constantFrom('step()', 'step() && n % 3', '(out("t"), step())')
  const loop = fc
    .tuple(fc.constantFrom('a: ', 'b: ', ''), fc.nat(7), test, tie('body'))
    .map(([label, kind, on, body]) => {
      const forms = [
        `for (let i = n; ${on}; i++) ${body}`,
        `for (; ${on}; ) ${body}`,
        `while (${on}) ${body}`,
        `do ${body} while (${on})`,
        `for (const x of list()) ${body}`,
        `for (const k in { p: 1, q: 2 }) ${body}`,
        `for await (const x of list()) ${body}`,
        `for (let i = 0; i < 2; i++) ${body}`,
      ]
      return label + forms[kind]
    })
  const simple = fc.oneof(
    fc.nat(99).map((k) => `out(${k}, n);`),
    fc.constantFrom(
      'await null;',
      'if (n % 2) break;',
      'if (n % 2) continue;',
      'if (n % 3) throw n;',
      'if (n % 5 === 1) return 1;',
      'later.push(() => out(n));',
    ),
  )
  return {
    statement: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      simple,
      loop,
      tie('block').map((block) => `try ${block} catch (e) { out("c", String(e)) }`),
      fc.tuple(tie('block'), tie('block')).map(([one, two]) => `try ${one} finally ${two}`),
      tie('block').map((block) => `await (async () => ${block})()`.concat(';')),
      tie('block').map((block) => `for (const x of (function* () ${block.replace('{', '{ yield 1;')})()) out(x);`),
      fc.tuple(simple, simple).map(([one, two]) => `if (n % 2) { ${one} } else { ${two} }`),
    ),
    body: fc.oneof(tie('block'), tie('statement')),
    block: fc.array(tie('statement'), { minLength: 1, maxLength: 3 }).map((all) => `{ ${all.join('\n')} }`),
  }
})

const parses = (code: string): boolean => {
  try {
    new Function(code)
    return true
  } catch {
    return false // a break without a loop, an await in a generator
  }
}

/** A script whose value is a promise of its end. */
export const randomProgram: fc.Arbitrary<string> = fc
  .array(statement, { minLength: 2, maxLength: 5 })
  .map(
    (all) => `'use strict'
let n = 0
const later = []
const step = () => ++n < 60
const list = () => ({ *[Symbol.iterator]() { try { while (step()) yield n } finally { out("closed") } } });
(async () => { ${all.join('\n')} })()
  .then((v) => out("end", v), (e) => out("failed", String(e)))
  .then(() => { for (const f of later) f() })`,
  )
  .filter(parses)
