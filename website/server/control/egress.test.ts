// Where this VM may call, and where text from the sandbox may become markup: read from the source, since both are about what is not there.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../../../', import.meta.url))

/** The lines of our own program files (no tests) below these folders that match, as `FILE: LINE`. */
function lines(folders: string[], pattern: RegExp): string[] {
  const found: string[] = []
  let files = 0
  for (const folder of folders) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!/\.(ts|svelte|html)$/.test(name) || /\.test\.ts$|(^|\/)(dist|testing)\//.test(name)) continue
      files++
      for (const line of readFileSync(join(root, folder, name), 'utf8').split('\n'))
        if (pattern.test(line)) found.push(`${folder}/${name}: ${line.trim()}`)
    }
  }
  expect(files).toBeGreaterThan(3)
  return found
}

it('website and bridge call nobody but the nodes of CONTROL_NODES and Postgres: no address that the link brings is ever fetched (L07)', () => {
  const calls =
    /\bfetch\b|cappedFetch|\brequest\(|node:(https|http2|net|tls|dgram|dns)\b|undici|axios|createTRPCClient|httpLink|XMLHttpRequest/
  const found = lines(['website/server', 'bridge'], calls).filter((line) => !/:\s*(import|\/\/|\*|\/\*\*)/.test(line))
  expect(new Set(found.map((line) => line.split(':')[0]))).toEqual(new Set(['website/server/control/client.ts']))
  const made = lines(['website/server'], /new Control\(/)
  expect(made).toHaveLength(1)
  expect(made[0]).toMatch(/^website\/server\/control\/nodes\.ts:.*new Control\(controlUrl, token\)/) // of the configuration
  expect(lines(['shared'], /\bfetch\(/)).toEqual([
    "shared/capped-fetch.ts: const response = await fetch(url, { ...init, redirect: 'error' })",
  ])
})

it('text of games and players never becomes markup on the pages of the site (L08)', () => {
  const markup = /\{@html|innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|srcdoc|\beval\(|new Function/
  expect(lines(['website/web'], markup)).toEqual([])
  expect(lines(['website/web'], /\{[^}]+\}/).length).toBeGreaterThan(100) // and yet it shows a lot of text
})
