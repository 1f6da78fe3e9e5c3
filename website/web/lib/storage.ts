// What this tab remembers until it is closed. Where the browser forbids storage, memory serves until the next reload.

export type TabStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

export function tabStorage(): TabStorage {
  try {
    return window.sessionStorage
  } catch {
    const items = new Map<string, string>()
    return {
      getItem: (name) => items.get(name) ?? null,
      setItem: (name, value) => void items.set(name, value),
      removeItem: (name) => void items.delete(name),
    }
  }
}
