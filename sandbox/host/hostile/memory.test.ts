// What takes memory without end, says what it must not, or looks for a way out.
import { expect, it } from 'vitest'
import { attacksIn, hostile } from './suite.ts'

hostile('memory', 3)
hostile('output', 3)
hostile('realm', 3)

it('there is an attack for each of the rows I01 to I23, and sixty at least', () => {
  const all = ['time', 'builtins', 'memory', 'output', 'realm'].flatMap(attacksIn)
  const rows = all.map(({ row }) => row)
  expect(all.length).toBeGreaterThanOrEqual(60)
  for (let row = 1; row <= 23; row++) expect(rows).toContain(`I${String(row).padStart(2, '0')}`)
})
