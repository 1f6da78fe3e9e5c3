// Checkers of single values that came out of a worker: each gives the clean value or throws `Bad`.

/** A field's checker: the clean value, or throws `Bad` with what is wrong. */
export type Check<T> = (value: unknown) => T

/** A field is wrong; the message is a reason a creator can read. */
export class Bad extends Error {}

export const number =
  (min: number, max: number): Check<number> =>
  (value) => {
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new Bad('a number is missing or not finite')
    return Math.min(max, Math.max(min, value))
  }
export const text =
  (max: number): Check<string> =>
  (value) => {
    if (typeof value !== 'string') throw new Bad('a text is missing')
    return value.slice(0, max)
  }
export const flag: Check<boolean> = (value) => {
  if (typeof value !== 'boolean') throw new Bad('a true or false is missing')
  return value
}
export const color: Check<number> = (value) => Math.trunc(number(0, 0xffffff)(value))
export const oneOf =
  (...names: string[]): Check<string> =>
  (value) => {
    if (!names.includes(value as string)) throw new Bad(`not one of ${names.join(', ')}`)
    return value as string
  }
