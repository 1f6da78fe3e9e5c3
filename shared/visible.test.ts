import { expect, it } from 'vitest'
import { visible, visibleLine } from './visible.ts'

it('[LM8] what steers a terminal or turns text around is to be seen, and does nothing', () => {
  expect(visible('\u001b[2J\u001b]0;owned\u0007')).toBe('␛[2J␛]0;owned␇')
  expect(visible('a\0b\rc\u007fd\u009b31m')).toBe('a␀b␍c␡d\ufffd31m')
  expect(visible('user\u202egnp.exe\u2066')).toBe('user\ufffdgnp.exe\ufffd')
})

it('honest text of any language stays as it is', () => {
  const text = 'Zwei\nZeilen\tund 👩‍👩‍👧, سلام می‌خواهم, नमस्ते, Ünï'
  expect(visible(text)).toBe(text)
})

it('a line stays one line', () => {
  expect(visibleLine('a\r\nforged: b\tc')).toBe('a␍⏎forged: b c')
})
