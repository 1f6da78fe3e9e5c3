// Colours as creators write them.

/** 0xrrggbb of '#rrggbb' or a number. Throws a TypeError that says how to write it. */
export function toColor(color: Color): number {
  if (typeof color === 'string' && /^#[0-9a-f]{6}$/i.test(color)) return Number.parseInt(color.slice(1), 16)
  if (typeof color === 'number' && color >= 0 && color <= 0xffffff) return Math.trunc(color)
  throw new TypeError(`${JSON.stringify(color)} is not a colour: write '#rrggbb' or 0xrrggbb`)
}

const COLORS = new Set(['tint', 'color', 'line'])

/** A copy of a thing's configuration with its colours as numbers and without what is undefined. */
export function plainConfig(config: object = {}): { [key: string]: Json } {
  const plain: { [key: string]: Json } = {}
  for (const [name, value] of Object.entries(config))
    if (value !== undefined) plain[name] = COLORS.has(name) ? toColor(value) : value
  return plain
}
