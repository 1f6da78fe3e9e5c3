// Pages of tests draw twenty times a second at most: without a graphics card each picture costs processor time, and most tests of a browser
// spend most of theirs on pictures that nobody looks at.
import type { BrowserContext } from 'playwright-core'

/** For all pages of the context, and what they embed, from their next document on. */
export const drawSeldom = (context: BrowserContext) =>
  context.addInitScript(() => {
    const LEAST_MS = 45 // every third picture of a screen with 60 a second
    const [request, cancel] = [requestAnimationFrame.bind(window), cancelAnimationFrame.bind(window)]
    const asked = new Map<number, number>()
    let count = 0
    let drawnMs = -Infinity
    window.requestAnimationFrame = (draw) => {
      const id = ++count
      const ask = () => {
        const handle = request((ms) => {
          if (ms !== drawnMs && ms - drawnMs < LEAST_MS) return ask()
          drawnMs = ms
          asked.delete(id)
          draw(ms)
        })
        asked.set(id, handle)
      }
      ask()
      return id
    }
    window.cancelAnimationFrame = (id) => {
      const handle = asked.get(id)
      if (handle !== undefined) cancel(handle)
      asked.delete(id)
    }
  })
