// How pages read the address and go elsewhere without importing the router, which imports all of them.
import { createContext } from 'svelte'

/** The parts of the router that pages use. Paths are plain text here; the router's own types know all of them. */
export interface Routing {
  navigate: (path: string, options?: NavigateOptions) => Promise<unknown>
  route: {
    readonly params: { readonly game?: string; readonly room?: string }
    readonly pathname: string
    readonly search: Record<string, string | number | boolean>
  }
}
interface NavigateOptions {
  search?: string | Record<string, string>
  replace?: boolean
  scrollToTop?: false
}

export const [getRouting, setRouting] = createContext<Routing>()
