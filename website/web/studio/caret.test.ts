import { expect, it } from 'vitest'
import { indent, lineCount, lineRange } from './caret.ts'
import { sizeText } from './upload.ts'

it('Tab puts two spaces in place of the selection', () => {
  expect(indent('ab', 1, 1)).toEqual({ text: 'a  b', caret: 3 })
  expect(indent('abcd', 1, 3)).toEqual({ text: 'a  d', caret: 3 })
})
it('a line is found by its number, and one past the end is the last', () => {
  const text = 'one\ntwo\nthree'
  expect(lineRange(text, 1)).toEqual({ start: 0, end: 3 })
  expect(lineRange(text, 2)).toEqual({ start: 4, end: 7 })
  expect(lineRange(text, 9)).toEqual({ start: 8, end: 13 })
  expect(lineCount(text)).toBe(3)
})
it('sizes read as file managers say them', () => {
  expect([sizeText(12), sizeText(1_400), sizeText(84_000), sizeText(5_000_000)]).toEqual([
    '12 bytes',
    '1.4 KB',
    '84 KB',
    '5.0 MB',
  ])
})
