// SPEC.md beside the code and the tests of the whole house: the version, and who cites which rule.
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { PROTOCOL_VERSION } from './codec.ts'

const HOUSE = fileURLToPath(new URL('../../', import.meta.url))
const SPEC = readFileSync(new URL('SPEC.md', import.meta.url), 'utf8')
const RULES = [...SPEC.matchAll(/^- \*\*\[([A-Z]{2}\d+)\]\*\* /gm)].map(([, id]) => id!)
const CITED = /(?<=['"`])(?: ?\[[A-Z]{2}\d+\])+/g // how the title of a test begins; website/e2e/site has some that several files share

function cited(): Set<string> {
  const ids = new Set<string>()
  const exclude = ['**/node_modules/**', '**/dist/**']
  for (const path of globSync('{bridge,nix,sandbox,shared,website}/**/{*.test,site/*}.ts', { cwd: HOUSE, exclude }))
    for (const [titles] of readFileSync(HOUSE + path, 'utf8').matchAll(CITED))
      for (const [id] of titles.matchAll(/[A-Z]{2}\d+/g)) ids.add(id)
  return ids
}

it('the heading names the version that the code speaks', () => {
  expect(SPEC).toMatch(new RegExp(`^# The protocol of a room, version ${PROTOCOL_VERSION}\n`))
})

it('every rule has a number of its own, and a test whose title cites it; no test cites a rule that is not there', () => {
  expect(new Set(RULES).size).toBe(RULES.length)
  expect(RULES.length).toBeGreaterThan(60)
  expect([...cited()].sort()).toEqual([...RULES].sort())
})
