import { expect, it } from 'vitest'
import { sizeText } from './upload.ts'

it('sizes read as file managers say them', () => {
  expect([sizeText(12), sizeText(1_400), sizeText(84_000), sizeText(5_000_000)]).toEqual([
    '12 bytes',
    '1.4 KB',
    '84 KB',
    '5.0 MB',
  ])
})
