import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { guarded } from '../testing/guarded.ts'
import { SourceMaps } from './source-map.ts'

const SOURCE = 'const f = (x) => String(x)\nwhile (f()) { for (const x of f()) f(x).oops(f(1), f(2)).again() }'
const FILES: Record<string, string> = { 'client.js': SOURCE, 'lib/big%20one.js': `${SOURCE}\n//${'x'.repeat(200_000)}` }
const asked: string[] = []
const server = createServer(({ url = '' }, response) => {
  asked.push(url)
  const source = FILES[url.slice(1, -'.map'.length)]
  if (source === undefined) response.writeHead(404).end()
  else response.end(JSON.stringify(guarded(source, 'client.js', 'module').map))
})
let base = ''
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(() => void server.close())

it('every place of a stack is where the creator wrote it, in short files and in long ones', async () => {
  const maps = new SourceMaps(base)
  for (const [file, source] of Object.entries(FILES)) {
    for (const word of ['oops', 'again', 'f(2)', 'String']) {
      const place = (code: string) => {
        const before = code.slice(0, code.indexOf(word)).split('\n')
        return `${before.length}:${before.at(-1)!.length + 1}`
      }
      const { code } = guarded(source, 'client.js', 'module')
      expect(place(code)).not.toBe(place(source))
      const stack = (at: string) => `Error: x\n    at f (${base}${file}:${at})\n    at ${base}${file}:${at}`
      expect(await maps.original({ message: 'Error: x', stack: stack(place(code)) })).toEqual({
        message: 'Error: x',
        stack: stack(place(source)),
      })
    }
  }
  expect(asked.sort()).toEqual(['/client.js.map', '/lib/big%20one.js.map']) // each once
})

it('a place without a map stays as it is', async () => {
  const stack = `Error: x\n    at ${base}gone.js:2:30\n    at ${base}client.js?a:1:1\n    at blob:null/1:2:3`
  expect(await new SourceMaps(base).original({ message: '', stack })).toEqual({ message: '', stack })
  const odd = `at ${base}client.js:99:5\nat ${base}client.js:0:0`
  expect(await new SourceMaps(base).original({ message: '', stack: odd })).toEqual({ message: '', stack: odd })
})
