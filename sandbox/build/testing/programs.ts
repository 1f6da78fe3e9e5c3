// Small programs of every shape a loop or function can have. Each calls `out` with what it does; the guard must not change a word of it.

/** By what is special about it. Run as a strict script, and inside an async function where `await` stands at its top. */
export const PROGRAMS: Record<string, string> = {
  'for, all three parts': 'for (let i = 0, n = 3; i < n; i++) { out(i) }',
  'for, no part': 'let i = 0; for (;;) { if (i++ > 3) break; out(i) }',
  'for, comma in every part': 'for (let a = 0, b = 9; a++, b--, a < b; out(a, b), out("u")) out("body")',
  'for, empty body': 'let i = 0; for (; i < 5; out(i++)); out("end", i)',
  'for, var outlives it': 'for (var i = 0; i < 3; i++) var last = i; out(i, last)',
  'for, a fresh let for each turn': 'const f = []; for (let i = 0; i < 3; i++) f.push(() => i); out(f.map((g) => g()))',
  'for, closures in its head':
    'const f = []; for (let i = 0, g = () => i; i < 3; f.push(g, () => i), i++) f.push(() => i); out(f.map((g) => g()))',
  'for, a shadowed let': 'for (let i = 0; i < 2; i++) { let i = "inner"; out(i) }',
  'for, const': 'for (const o = { i: 0 }; o.i < 3; o.i++) out(o.i)',
  'for, destructuring head': 'for (let [a, { b }] = [0, { b: 3 }]; a < b; [a, b] = [a + 1, b]) out(a, b)',
  'for, in operator in parentheses': 'for (let a = ("x" in { x: 1 }) ? 2 : 0; a > 0; a--) out(a)',
  'for, arrow in its test': 'let i = 0; for (; ((x) => x < 3)(i); i++) out(i)',
  'for, temporal dead zone': 'try { for (let i = i; i < 1; i++) out("never") } catch (e) { out(e.name) }',
  'for, literal bounds': 'let s = 0; for (let i = 0; i <= 10; i++) s += i; out(s)',
  'for, length bounds that move':
    'const a = [1, 2, 3]; for (let i = 0; i < a.length; i++) { if (i < 3) a.push(i); out(a[i]) }',
  'for, grows by index': 'const a = [1]; for (let i = 0; i < a.length; i++) if (i < 9) a[a.length] = i; out(a)',
  'for, backwards over a list':
    'const a = [1, 2, 3], b = []; for (let i = a.length - 1; i >= 0; i--) b[b.length] = a[i]; out(b)',
  'for, its counter is assigned in the body': 'for (let i = 0; i < 10; i++) { out(i); i += 3 }',
  'for-in, own and inherited': 'for (const k in Object.create({ a: 1 }, { b: { enumerable: true } })) out(k)',
  'for-in, deletes while it runs': 'const o = { a: 1, b: 2, c: 3 }; for (const k in o) { delete o.b; out(k) }',
  'for-in, undefined': 'for (const k in undefined) out(k); out("end")',
  'for-in, member target': 'const t = {}; for (t.k in { a: 1, b: 2 }) out(t.k)',
  'for-in, array and string': 'for (var k in [5, 6]) out(k); for (k in "ab") out(k)',
  'for-of, closures': 'const f = []; for (const x of [1, 2, 3]) f.push(() => x); out(f.map((g) => g()))',
  'for-of, destructuring':
    'for (const { a, b: [c = 7, ...d] } of [{ a: 1, b: [] }, { a: 2, b: [3, 4, 5] }]) out(a, c, d)',
  'for-of, member target': 'const t = []; for (t[t.length] of "abc"); out(t)',
  'for-of, map and set': 'for (const [k, v] of new Map([["a", 1]])) out(k, v); for (const s of new Set("aab")) out(s)',
  'for-of, return of the iterator at break': `
    const it = { [Symbol.iterator]: () => ({ next: () => ({ value: 1 }), return() { out("closed"); return {} } }) }
    for (const x of it) { out(x); break }`,
  'for-of, return of the iterator at throw': `
    const it = { [Symbol.iterator]: () => ({ next: () => ({ value: 1 }), return() { out("closed"); return {} } }) }
    try { for (const x of it) throw x } catch (e) { out("caught", e) }`,
  'for-of, return of the iterator at an outer continue': `
    const it = { [Symbol.iterator]: () => ({ next: () => ({ value: 1 }), return() { out("closed"); return {} } }) }
    outer: for (let i = 0; i < 2; i++) for (const x of it) { out(i, x); continue outer }`,
  'for-of, head evaluated once': 'let n = 0; for (const x of (n++, [1, 2])) out(n, x)',
  'for-of, no semicolon after the body': 'for (const x of [1, 2]) out(x)\n;[3].forEach((y) => out(y))',
  'for-of, body ends with an arrow': 'const f = []\nfor (const x of [1, 2]) f[x] = () => out(x)\nf[2]()',
  'for-of, async as a name': 'for (const async of [1, 2]) out(async)',
  'for await, sync and async values':
    'for await (const x of [1, Promise.resolve(2), (async () => 3)()]) out(x)\nout("end")',
  'for await, generator with finally': `
    async function* g() { try { yield 1; yield 2 } finally { out("closed") } }
    for await (const x of g()) { out(x); if (x === 1) break }`,
  'for await, order among promises': `
    Promise.resolve().then(() => out("p1")).then(() => out("p2")).then(() => out("p3"))
    for await (const x of [1, 2]) out(x)`,
  'while, no braces': 'let i = 0; while (i < 3) out(i++)',
  'while, assignment in its test': 'const a = [1, 2, 3]; let x; while ((x = a.pop())) out(x)',
  'while, comma in its test': 'let i = 0; while (out("t"), i++ < 3) out(i)',
  'while, nested without braces': 'let i = 0; while (i < 3) while (i++ < 2) out(i)\nout(i)',
  'while, if else without braces': 'let i = 0; while (i < 4) if (i % 2) out("odd", i++); else out("even", i++)',
  'do, no braces': 'let i = 0; do out(i++); while (i < 3)',
  'do, nothing between': 'let i = 0; do;while (i++ < 3)\nout(i)',
  'do, followed on its line': 'let i = 0; do out(i++); while (i < 2) out("after")',
  'do, continue looks at the test': 'let i = 0; do { if (i === 1) continue; out(i) } while (++i < 3)',
  'do, if else without braces': 'let i = 0; do if (i % 2) out("odd"); else out("even")\nwhile (++i < 3)',
  'labels, break and continue':
    'a: for (let i = 0; i < 3; i++) b: for (let j = 0; j < 3; j++) { if (j === 1) continue a; if (i === 2) break a; out(i, j); continue b }',
  'labels, two on one loop':
    'let i = 0; a: b: while (i < 3) { i++; if (i === 1) continue a; if (i === 2) continue b; out(i) }',
  'labels, a block': 'a: { for (const x of [1, 2]) { out(x); break a } out("never") } out("end")',
  'labels, in a body without braces': 'for (const x of [1, 2]) in_: for (;;) { out(x); break in_ }',
  'labels, through finally':
    'a: for (const x of [1, 2, 3]) { try { continue a } finally { out("f", x); if (x === 2) break a } }',
  'switch in a loop':
    'for (const x of [1, 2, 3]) { switch (x) { case 1: out("one"); continue; case 2: out("two"); break; default: out("many") } out("after", x) }',
  'try, catch, finally in a loop':
    'for (let i = 0; i < 3; i++) { try { if (i === 1) throw i; out("ok", i) } catch (e) { out("caught", e); continue } finally { out("fin", i) } }',
  'a loop in finally': 'const f = () => { try { return 1 } finally { for (const x of [1, 2]) out(x) } }; out(f())',
  'return from nested loops':
    'const f = () => { for (const a of [1, 2]) for (const b of [3, 4]) if (b === 4) return [a, b] }; out(f())',
  'generator, yield in its loop':
    'function* g() { for (let i = 0; i < 3; i++) out("got", yield i) }\nconst it = g(); out(it.next("a"), it.next("b"), it.next("c"), it.next("d"))',
  'generator, yield in the head':
    'function* g() { for (let i = yield 1; i < (yield 2); i += yield 3) out(i) }\nconst it = g(); for (const v of [0, 0, 5, 5, 9, 1]) out(it.next(v))',
  'generator, delegation and return':
    'function* a() { try { yield* [1, 2] } finally { out("a closed") } }\nfunction* b() { yield* a(); out("never") }\nfor (const x of b()) { out(x); break }',
  'generator, throw into it':
    'function* g() { while (true) try { yield 1 } catch (e) { out("in", e) } }\nconst it = g(); it.next(); out(it.throw("x").value); out(it.return(5))',
  'generator, does not begin before next':
    'function* g(x = out("args")) { out("body"); for (;;) yield out("turn") }\nconst it = g(); out("made"); it.next(); it.next()',
  'async, await in a loop':
    'const f = async () => { for (let i = 0; i < 3; i++) out(await i) }\nf().then(() => out("done")); out("first")',
  'async, await in a test': 'let i = 0; while (await Promise.resolve(i < 3)) out(i++)',
  'async, two interleave':
    'const f = async (n) => { for (let i = 0; i < 3; i++) { out(n, i); await null } }\nawait Promise.all([f("a"), f("b")])',
  'async, rejection in a loop':
    'const f = async () => { for (const x of [1, 2]) await Promise.reject(new Error("no " + x)) }\nawait f().catch((e) => out(e.message))',
  'async generator': 'async function* g(n) { while (n--) yield n }\nfor await (const x of g(3)) out(x)',
  'async arrow without braces': 'const g = async (x) => x * 2, f = async (x) => await g(x)\nout(await f(4))',
  recursion: 'const fib = (n) => n < 2 ? n : fib(n - 1) + fib(n - 2)\nout(fib(12))',
  'recursion without a semicolon': 'function down(n) {\n  out(n)\n  if (n > 0)\n    down(n - 1)\n}\ndown(3)',
  'recursion too deep is an error of its own': 'const f = () => f() + 1\ntry { f() } catch (e) { out(e.name) }',
  'mutual recursion before its definition':
    'out(even(7))\nfunction even(n) { return n === 0 || odd(n - 1) }\nfunction odd(n) { return n !== 0 && even(n - 1) }',
  'arrow, object body': 'const f = (x) => ({ x, y: String(x) })\nout(f(1))',
  'arrow, comma body': 'const f = (x) => (out(x), String(x))\nout(f(1))',
  'arrow, conditional and parenthesised body':
    'const f = (x) => ((out(x)) ? 1 : (2)), g = (x) => (String(x)) + (1)\nout(f(1), g(2))',
  'arrow, body on the next line': 'const f = (x) =>\n  // a comment\n  String(x)\nout(f(1))',
  'arrow, nested': 'const f = (a) => (b) => (c) => [String(a), b, c]\nout(f(1)(2)(3))',
  'arrow, in and regular expression':
    'const f = (x) => String(x) in { 1: 1 }, g = (x) => /a+/.test(x)\nout(f(1), g("aa"))',
  'arrow, this and arguments':
    'function f() { return (() => [String(this.n), arguments.length])() }\nout(f.call({ n: 4 }, 1, 2))',
  'arrow, an await of an inner function': 'const f = (g) => async () => await g()\nout(await f(async () => 5)())',
  'names of functions':
    'const a = () => String(1), b = function () { return String(2) }, c = { d: () => String(3), e() { return String() } }\nout(a.name, b.name, c.d.name, c.e.name)',
  'lengths of functions':
    'out(((a, b = String(), ...c) => String()).length, function (a, b) { return String() }.length)',
  'parameters with calls': 'const f = (a = out("a"), { b = out("b") } = {}) => {}\nf()',
  'a body of one directive':
    'function f(a) { "use strict" }\nfunction g(a) { "x"\n}\nout(f.length, g.length, f(), g())',
  'directive without a semicolon': 'function f() {\n  "use strict"\n  return String(this)\n}\nout(f())',
  'directive, then a loop': 'function f() { "use strict"; for (const x of [1]) return [x, this] }\nout(f())',
  'a string that is no directive': 'function f() { ("use strict"); for (const x of [1]) return x }\nout(f())',
  'class, methods, accessors, fields':
    'class A { x = String(1); #p = [1, 2]; get s() { for (const p of this.#p) out(p); return 3 } set s(v) { out("set", v, String(v)) } static m() { return String(4) } }\nconst a = new A(); out(a.x, a.s, (a.s = 9), A.m())',
  'class, static block with loops':
    'class A { static n = 0; static { for (const x of [1, 2]) A.n += x; while (A.n < 9) A.n++ } static { var i = 5; do out(i); while (i++ < 6) } }\nout(A.n)',
  'class, derived constructor':
    'class A { constructor() { out(new.target.name) } }\nclass B extends A { constructor() { out("before"); super(); for (const x of [1]) out(x) } }\nnew B()',
  'class, computed keys':
    'let n = 0; const k = () => "k" + n++\nclass A { [k()]() { return 0 } static [k()] = 1; get [k()]() { return 2 } }\nout(Object.getOwnPropertyNames(A.prototype), A.k1)',
  'object, computed keys with loops in functions':
    'const o = { [(() => { for (const x of "ab") out(x); return "k" })()]: 1 }\nout(o)',
  'template tags':
    'const tag = (s, ...v) => [s.raw.join("|"), s === tag.last, (tag.last = s, v)]\nfor (const x of [1, 2]) out(tag`a$' +
    '{x}b\\n$' +
    '{x + 1}`)',
  'template with a function in it':
    'out(`a$' + '{(() => { let s = ""; for (const x of "xyz") s += x; return s })()}b`)',
  'getter that a loop asks': 'let n = 0; const o = { get more() { return String(n++) < "3" } }\nwhile (o.more) out(n)',
  'callbacks of the language':
    'out([3, 1, 2].sort((a, b) => Number(a) - Number(b)), [1, 2].map((x) => String(x)), "ab".replace(/./g, (c) => c.toUpperCase()))',
  'every, some and reduce':
    'out([1, 2, 3].every((x) => (out(x), x < 2)), [1, 2].some((x) => out(x)), [1, 2].reduce((a, b) => Math.max(a, b)))',
  'proxy traps':
    'const p = new Proxy({}, { get: (t, k) => String(k), ownKeys: () => Reflect.ownKeys({ a: 1 }) })\nout(p.x, Reflect.ownKeys(p))',
  'names a guard would like':
    'let $n = 1, $m = 2, $n$ = 3; for (const x of [1]) { out($n, $m, $n$, x) }\nconst f = () => String($m); out(f())',
  'a global a guard would like':
    'globalThis.$n = 5; for (const x of [1]) out($n, x); delete globalThis.$n; for (const x of [1]) out(typeof $n)',
  'carriage returns and U+2028':
    'let s = ""\rfor (const x of [1, 2]) s += x\r\nout(s)\u2028for (const x of "\u2028") out(x.length)\u2029out(`a\rb`.length)',
  'comments everywhere':
    'for (/* a */ const /* b */ x /* c */ of /* d */ [1, 2] /* e */) /* f */ out(x) // g\nwhile /* { */ (false) /* } */ out("never")\nout("end")',
  'html-like regular expressions and division':
    'let a = 8, g = 2; for (const x of [1]) a /= g / 1\nfor (const x of ["/{"]) /\\/\\{/.test(x) && out(a)',
  'a position in an error': 'try { for (const x of [1]) null.x } catch (e) { out(e.message) }',
  'deeply nested loops':
    'for (const a of [1, 2]) for (const b of [1, 2]) for (const c of [1, 2]) for (const d of [1, 2]) out(a, b, c, d)',
  'a long loop': 'let s = 0; for (let i = 0, n = 50000; i < n; i++) s += i; out(s)',
  'a long recursion': 'let n = 0; const f = (d) => { n++; if (d > 0) { f(d - 1); f(d - 1) } }\nf(12); out(n)',
}
