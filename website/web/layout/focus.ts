// After a navigation the heading of the new page takes the focus, so that a screen reader reads it and Tab goes on from there.
import { tick } from 'svelte'

let shown: string | undefined

/** Call after a page was loaded. The first page keeps the browser's own focus, and a changed search moves nothing. */
export async function moveFocus({ pathname }: { pathname: string }): Promise<void> {
  const isNew = shown !== undefined && shown !== pathname
  shown = pathname
  if (!isNew) return
  await tick()
  const heading = document.querySelector<HTMLElement>('main h1') ?? document.querySelector<HTMLElement>('main')
  heading?.setAttribute('tabindex', '-1')
  heading?.focus({ preventScroll: true })
}

/** Keeps Ctrl-, Cmd- and Shift-clicks on links with the browser, which opens a tab or window; the router would take them. */
export function spareModifiedClicks(event: MouseEvent): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) event.stopPropagation()
}
