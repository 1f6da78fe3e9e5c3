import { gameId } from '@sandlot/shared/ids.ts'
import { anyCharacter } from '@sandlot/shared/testing/any-character.ts'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { slug } from './slug.ts'

it.each([
  ['Café Wars!', 1, 'cafe-wars'],
  ['  --Pong--  ', 1, 'pong'],
  ['Pong', 3, 'pong-3'],
  ['宇宙', 1, 'game'],
  ['x'.repeat(60), 12, `${'x'.repeat(26)}-12`],
  [`${'x'.repeat(28)} y`, 1, 'x'.repeat(28)],
])('%j, choice %d, becomes %s', (title, n, expected) => expect(slug(title, n)).toBe(expected))

it('every title gives a game id', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: anyCharacter, maxLength: 80 }),
      fc.integer({ min: 1, max: 50 }),
      (title, n) => gameId.safeParse(slug(title, n)).success,
    ),
  )
})
