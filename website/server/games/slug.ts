// A game's name in its address, made from its title.
import { MAX_GAME_ID_CHARS as MAX_CHARS } from '@sandlot/shared/random-ids.ts'

/** `Café Wars!` gives `cafe-wars`. With `n` above 1, a further choice for a title that is taken: `cafe-wars-2`. */
export function slug(title: string, n = 1): string {
  const ending = n > 1 ? `-${n}` : ''
  const words = title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_CHARS + 1)
  const trimmed = words
    .replace(/^-+/, '')
    .slice(0, MAX_CHARS - ending.length)
    .replace(/-+$/, '')
  return `${trimmed || 'game'}${ending}`
}
