// A game's cover, chosen by its id: the same on every page and machine, and rarely the same for two neighbours.

const PALETTES = [
  ['#9fd6ea', '#5dae6a', '#fff6da', '#c8502a'],
  ['#f9c978', '#d9703f', '#fff6da', '#7c2f16'],
  ['#2f5d73', '#6fae5e', '#f7d774', '#20404f'],
  ['#cfe8bd', '#2f7a45', '#fffdf6', '#c8502a'],
  ['#f3b394', '#a94722', '#fff6da', '#5d2410'],
  ['#f7dc7e', '#4a9a8c', '#fffdf6', '#24564d'],
] as const
const MOTIFS = ['ball', 'diamond', 'pennant', 'sunrise'] as const

export interface Cover {
  motif: (typeof MOTIFS)[number]
  back: string
  front: string
  light: string
  mark: string
  initials: string
}

/** The cover of a game. `title` gives at most two initials. */
export function coverOf(id: string, title: string): Cover {
  let hash = 2166136261 // FNV-1a: short ids that differ in one letter land far apart
  for (const char of id) hash = Math.imul(hash ^ char.codePointAt(0)!, 16777619) >>> 0
  const [back, front, light, mark] = PALETTES[hash % PALETTES.length]!
  const words = title.match(/[\p{L}\p{N}]+/gu) ?? ['?']
  const initials = words
    .slice(0, 2)
    .map((word) => [...word][0]!.toUpperCase())
    .join('')
  return { motif: MOTIFS[(hash >>> 8) % MOTIFS.length]!, back, front, light, mark, initials }
}
