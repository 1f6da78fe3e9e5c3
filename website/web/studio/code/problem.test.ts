import { Text } from '@codemirror/state'
import { expect, it } from 'vitest'
import { rangeOf } from './problem.ts'

const doc = Text.of(['const a = 1', '  let bad = ) =>', '', 'end'])
const marked = (line?: number, column?: number) => {
  const { from, to } = rangeOf(doc, { line, column })
  return doc.sliceString(from, to)
}

it('a problem with a column marks the word or sign there', () => {
  expect(marked(2, 7)).toBe('bad')
  expect(marked(2, 13)).toBe(')')
})
it('a problem without a column marks its line, without the indentation', () => {
  expect(marked(2)).toBe('let bad = ) =>')
})
it('a problem behind the end of a line marks its last sign, as far as there is one', () => {
  expect(marked(1, 12)).toBe('1')
  expect(marked(1, 99)).toBe('1')
  expect(marked(3)).toBe('')
})
it('a line that the text does not have is the nearest one', () => {
  expect(marked(99)).toBe('end')
  expect(marked(0)).toBe('const a = 1')
  expect(marked()).toBe('const a = 1')
})
