// Malformed calls for a door of the link, and the means to send thousands of them: what a machine might say that has been taken over.
import { createHash } from 'node:crypto'
import { Agent, request } from 'node:http'
import fc from 'fast-check'
import { anyCharacter } from './any-character.ts'

export interface Call {
  method: string
  /** Path and query. */
  path: string
  headers: Record<string, string>
  body: Buffer | null
}

/** The procedures of a door, each with an input that it would take, about nothing that the caller may touch. */
export type Inputs = Record<string, { type: 'query' | 'mutation'; input: unknown }>

const NASTY: unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  -1e308,
  2 ** 53 + 2,
  '',
  ' ',
  'x',
  'x'.repeat(5_000),
  'NaN',
  '\0',
  'a\0b',
  '\ud800',
  '\udfff\ud800',
  '\u202e',
  '\ufeff',
  '__proto__',
  'constructor',
  "' or 1=1 --",
  `'; drop table games; --`,
  '$1',
  '%',
  '%_%',
  'ASC; DELETE',
  '../../etc/passwd',
  '/proc/self/environ',
  'a/../b',
  'C:\\x',
  `\${jndi:ldap://127.0.0.1/a}`,
  '{{7*7}}',
  '<script>alert(1)</script>',
  'a\r\nSet-Cookie: x=1',
  '\u001b[31mred',
  'file:///etc/passwd',
  'http://169.254.169.254/',
  [],
  [[]],
  {},
  { length: 1 },
  { toString: 1 },
  JSON.parse('{"then":1}'),
  { $ne: null },
  { '': '' },
  ['pong'],
  [null],
  new Array(2_000).fill(0),
]
const nasty = fc.oneof({ arbitrary: fc.constantFrom(...NASTY), weight: 4 }, { arbitrary: fc.jsonValue(), weight: 1 })
const proto = fc.constantFrom(
  '{"__proto__":{"ok":true}}',
  '{"constructor":{"prototype":{"x":1}}}',
  '{"__proto__":null}',
  '{"0":{"__proto__":[]}}',
)

/** Assigning `__proto__` would not make a key of it. */
function own(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true })
}

/** Replaces, adds or drops something at a random place of `value`. */
function damage(value: unknown, steps: readonly number[], thing: unknown, how: number): unknown {
  const [step, ...rest] = steps
  const inner = typeof value === 'object' && value !== null
  if (inner && step !== undefined && Object.keys(value).length > 0 && how !== 0) {
    const keys = Object.keys(value)
    const key = keys[step % keys.length]!
    const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>
    if (rest.length === 0 && how === 1) delete copy[key]
    else if (rest.length === 0 && how === 2) own(copy, typeof thing === 'string' ? thing : 'more', thing)
    else copy[key] = damage(copy[key], rest, thing, how)
    return copy
  }
  return how === 3 ? [value] : thing
}

const cut = (text: string, at: number): string => text.slice(0, Math.floor(at * text.length))
const deep = (depth: number, open: string): string => open.repeat(depth)

/** Bodies that are no JSON, or JSON of a kind that breaks parsers. */
const rawBody: fc.Arbitrary<Buffer> = fc
  .oneof(
    fc
      .tuple(fc.integer({ min: 10, max: 5_000 }), fc.constantFrom('[', '{"a":', '[[[],'))
      .map(([n, open]) => deep(n, open)),
    fc.integer({ min: 10, max: 5_000 }).map((n) => `${deep(n, '[')}${deep(n, ']')}`),
    fc.constantFrom(
      '',
      'null',
      '0',
      '1e999',
      '-1e999',
      '"',
      '{',
      '}',
      '[]',
      'undefined',
      'NaN',
      '{"a":1,"a":2}',
      '\ufeff{}',
      '{"game":1e400}',
    ),
    proto,
    fc.string({ maxLength: 200, unit: anyCharacter }),
    fc.json(),
  )
  .map((text) => Buffer.from(text))
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array))

/** A valid token's `headers` go with all of them. No call is one that the door should act upon; `inputs` must see to that. */
export function malformedCalls(inputs: Inputs, headers: Record<string, string>): fc.Arbitrary<Call> {
  const names = Object.keys(inputs)
  const name = fc.constantFrom(...names)
  const how = fc.record({ steps: fc.array(fc.nat(20), { maxLength: 4 }), thing: nasty, how: fc.nat(4) })
  const json = { 'content-type': 'application/json', ...headers }
  const call = (procedure: string, text: string | Buffer, more: Partial<Call> = {}): Call =>
    inputs[procedure]?.type === 'query' && more.method === undefined
      ? {
          method: 'GET',
          path: `/${procedure}?input=${encodeURIComponent(toText(text))}`,
          headers: json,
          body: null,
          ...more,
        }
      : { method: 'POST', path: `/${procedure}`, headers: json, body: Buffer.from(text), ...more }
  const damaged = fc
    .tuple(name, how)
    .map(([procedure, { steps, thing, how }]) =>
      call(procedure, stringify(damage(inputs[procedure]!.input, steps, thing, how))),
    )
  const truncated = fc
    .tuple(name, fc.double({ min: 0, max: 0.99, noNaN: true }))
    .map(([procedure, at]) => call(procedure, cut(stringify(inputs[procedure]!.input), at)))
  const foreign = name.map((procedure) => call(procedure, stringify(inputs[procedure]!.input)))
  const raw = fc.tuple(name, fc.oneof(rawBody, bytes)).map(([procedure, body]) => call(procedure, body))
  const path = fc.oneof(
    fc.constantFrom(
      '/',
      '//',
      '/*',
      '/__proto__',
      '/constructor',
      '/toString',
      '/_def',
      '/%00',
      '/%E0%A4%A',
      '/%',
      '/..%2f..',
      '/games',
      '/games.',
      '/.games',
      '/rooms/report',
      '/admin',
      '/users.list',
      '/.env',
      '/hasOwnProperty.call',
      '/games.__proto__',
      '/store.constructor',
      '/?',
      '/health',
      '/ws',
    ),
    fc
      .tuple(
        name,
        fc.constantFrom(
          '/',
          '%20',
          '%00',
          '.',
          '?',
          '?batch=1',
          '?batch=2',
          '#',
          '?input=%',
          '?input={',
          '?connectionParams={',
          '?connectionParams=1',
          ',',
          '%2C',
        ),
      )
      .map((parts) => `/${parts.join('')}`),
    fc
      .tuple(name, name, fc.integer({ min: 2, max: 60 }))
      .map(([a, b, n]) => `/${Array(n).fill(a).join(',')},${b}?batch=1`),
    name.map((procedure) => `/${procedure.toUpperCase()}`),
    fc.webPath().map((text) => text || '/'),
  )
  const strangePath = fc.tuple(path, rawBody, fc.constantFrom('GET', 'POST')).map(([path, body, method]) => ({
    method,
    path,
    headers: json,
    body: method === 'GET' ? null : body,
  }))
  const method = fc.constantFrom(
    'GET',
    'POST',
    'PUT',
    'DELETE',
    'HEAD',
    'OPTIONS',
    'PATCH',
    'TRACE',
    'PROPFIND',
    'PURGE',
  )
  const strangeMethod = fc
    .tuple(name, method, rawBody)
    .map(([procedure, method, body]) => call(procedure, body, { method, path: `/${procedure}` }))
  const type = fc.constantFrom(
    '',
    'text/plain',
    'application/jsonp',
    'application/json, text/plain',
    'multipart/form-data',
    'multipart/form-data; boundary=x',
    'application/xml',
    'application/octet-stream',
    'application/x-www-form-urlencoded',
    'application/json;charset=utf-16',
    'APPLICATION/JSON',
    'application/json; x="',
  )
  const extra = fc.constantFrom<Record<string, string>>(
    { 'trpc-accept': 'application/jsonl' },
    { accept: 'text/event-stream' },
    { accept: 'application/jsonl' },
    { 'last-event-id': '1' },
    { host: 'a b' },
    { host: '' },
    { host: '[' },
    { 'content-encoding': 'gzip' },
    { expect: '100-continue' },
    { 'transfer-encoding': 'chunked' },
    { connection: 'close' },
    { 'x-forwarded-for': '127.0.0.1' },
    { 'x-http-method-override': 'DELETE' },
    { cookie: 'a=b' },
    { 'trpc-accept': 'x' },
    { upgrade: 'h2c' },
  )
  const strangeHeaders = fc.tuple(name, type, extra, fc.oneof(rawBody, bytes)).map(([procedure, type, extra, body]) =>
    call(procedure, body, {
      method: 'POST',
      path: `/${procedure}`,
      headers: { ...headers, ...(type && { 'content-type': type }), ...extra },
    }),
  )
  return fc.oneof(
    { arbitrary: damaged, weight: 10 },
    { arbitrary: truncated, weight: 2 },
    { arbitrary: foreign, weight: 2 },
    { arbitrary: raw, weight: 4 },
    { arbitrary: strangePath, weight: 3 },
    { arbitrary: strangeMethod, weight: 1 },
    { arbitrary: strangeHeaders, weight: 2 },
  )
}

const stringify = (value: unknown): string => JSON.stringify(value) ?? ''
const toText = (text: string | Buffer): string =>
  (typeof text === 'string' ? text : text.toString()).toWellFormed().slice(0, 1_500)

/** Of this run: `variable` of the environment, else a new one. */
export function seedFrom(variable: string): number {
  const given = Number(process.env[variable])
  return Number.isInteger(given) && process.env[variable] ? given : Date.now() % 2 ** 31
}

export interface Sent {
  call: Call
  /** 0: the connection was cut without an answer. */
  status: number
  text: string
}

/** Sends all calls over `atOnce` kept connections and hands each answer to `hear`. Resolves when all have one. */
export async function sendAll(
  url: string,
  calls: readonly Call[],
  hear: (sent: Sent) => void,
  atOnce = 24,
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  const { hostname, port } = new URL(url)
  const send = (call: Call): Promise<Sent> =>
    new Promise((resolve) => {
      const { method, path, headers, body } = call
      const length = body && headers['transfer-encoding'] === undefined ? { 'content-length': String(body.length) } : {}
      const sending = request(
        { agent, hostname, port, method, path, headers: { ...headers, ...length } },
        (response) => {
          let text = ''
          response.setEncoding('utf8').on('data', (chunk) => {
            text += chunk
          })
          response.on('close', () => resolve({ call, status: response.statusCode!, text }))
        },
      )
      sending.on('error', () => resolve({ call, status: 0, text: '' }))
      sending.end(body ?? undefined)
    })
  let next = 0
  const worker = async () => {
    while (next < calls.length) hear(await send(calls[next++]!))
  }
  try {
    await Promise.all(Array.from({ length: atOnce }, worker))
  } finally {
    agent.destroy()
  }
}

/** What an error must not show of the machine behind the door. */
export const INTERNALS =
  /node_modules|\bat \S+ \(|\.ts:\d|\/(home|tmp|root|var|proc|work)\/|select |insert into|relation "|ECONN|ENOENT|EACCES|127\.0\.0\.1:\d|postgres|sandlot_/i

export interface Tally {
  counts: Record<string, number>
  /** Answers that no door may give, in words. */
  bad: string[]
}

/** Counts answers by status, and keeps those of 500 and more and those that show internals that were not in the question. */
export function tally(): Tally & { hear(sent: Sent): void } {
  const counts: Record<string, number> = {}
  const bad: string[] = []
  return {
    counts,
    bad,
    hear({ call, status, text }) {
      counts[status] = (counts[status] ?? 0) + 1
      const asked = `${call.path} ${call.body ?? ''} ${Object.values(call.headers).join(' ')}`
      const shown = INTERNALS.exec(text)?.[0]
      if (
        status >= 500 ||
        (status >= 400 && shown && !asked.includes(shown) && !decodeURIComponentSafe(asked).includes(shown))
      )
        bad.push(
          `${status} ${call.method} ${call.path.slice(0, 300)} ${String(call.body).slice(0, 300)} -> ${text.slice(0, 300)}`,
        )
    },
  }
}

function decodeURIComponentSafe(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A short name for any number of rows or files, in any order. */
export function digest(parts: string[]): string {
  return createHash('sha256').update(parts.sort().join('\n')).digest('hex')
}
