// Colours as creators write them, and the configuration of things.
import { hasOwn, isFiniteNumber, keysOf, record, stringify, TypeProblem, toText, trunc } from './safe.ts'

const HEX = record<number>()
for (let i = 0; i < 16; i++) {
  HEX['0123456789abcdef'[i]!] = i
  HEX['0123456789ABCDEF'[i]!] = i
}

/** 0xrrggbb of '#rrggbb' or a number. Throws a TypeError that says how to write it. */
export function toColor(color: Color): number {
  if (typeof color === 'number' && color >= 0 && color <= 0xffffff) return trunc(color)
  const digits = typeof color === 'string' && color.length === 7 && color[0] === '#' ? color : ''
  let value = 0
  let read = 0
  for (let i = 1; i < digits.length; i++) {
    const digit = HEX[digits[i]!]
    if (digit === undefined) break
    value = value * 16 + digit
    read++
  }
  if (read === 6) return value
  throw new TypeProblem(`${stringify(color)} is not a colour: write '#rrggbb' or 0xrrggbb`)
}

const COLORS: Record<string, true> = { __proto__: null, tint: true, color: true, line: true } as never

const NUMBERS = record<true>()
for (const name of 'scale rotation alpha depth originX originY width height frame size wrap lineWidth'.split(' '))
  NUMBERS[name] = true

/**
 * A copy of a thing's configuration with its colours as numbers and without what is undefined. Throws a TypeError that names the field: found
 * here, a '2' instead of a 2 has the creator's own line in its stack.
 */
export function plainConfig(config: object = {}): Record<string, Json> {
  const plain = record<Json>()
  const names = keysOf(config)
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!
    const value = (config as Record<string, Json | undefined>)[name]
    if (value === undefined) continue
    if (hasOwn(NUMBERS, name) && !isFiniteNumber(value))
      throw new TypeProblem(
        `${name} must be a finite number, not ${typeof value === 'string' ? stringify(value) : toText(value)}`,
      )
    plain[name] = hasOwn(COLORS, name) ? toColor(value as Color) : value
  }
  return plain
}
