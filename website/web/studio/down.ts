// A game that does not run although it should, in words for its creator.
import type { MyGame } from '../lib/api.ts'

export interface Down {
  dot: 'wait' | 'bad'
  heading: string
  /** What happens next, and what the creator can do. */
  next: string
}

/** Null while all is well: it runs, or sleeps until somebody plays. */
export function downOf({
  state,
  why,
  held,
}: Pick<NonNullable<MyGame['status']>, 'state' | 'why' | 'held'>): Down | null {
  if (held === 'crashes') {
    const next = 'Nobody can play it now. Save a change that mends it, or start it again.'
    return { dot: 'bad', heading: 'Stopped after crashes', next }
  }
  if (held === 'creator') return { dot: 'wait', heading: 'Stopped by you', next: 'Nobody can play until you start it.' }
  if (why === null) return null
  if (state === 'backing-off')
    return { dot: 'bad', heading: 'Down for a moment', next: 'It is tried again by itself in a few seconds.' }
  return { dot: 'bad', heading: 'Went down', next: 'The next player starts it again.' }
}
