// Builds the pages into static files. Nothing is inlined: the site's policy allows no inline script, style or data URL.
import { readFileSync } from 'node:fs'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'
import { readDeclarations } from './studio/code/declarations.ts'
import type { Apis } from './studio/code/language.ts'

const declared = (path: string) => {
  const file = new URL(`../../sandbox/${path}`, import.meta.url)
  return readDeclarations(path, readFileSync(file, 'utf8'))
}
/** What the studio's editor completes: text of the sandbox's declarations, none of its code. */
export function gameApis(): Apis {
  const server = declared('host/server-api.d.ts')
  return {
    client: declared('browser/game-api.d.ts'),
    server: { ...server, globals: { room: 'Room', player: 'Player' } }, // as the parameters are called everywhere
  }
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [svelte({ configFile: false, compilerOptions: { runes: true } })],
  define: { GAME_APIS: JSON.stringify(gameApis()) },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600, // the code editor, which only the studio's files page loads
  },
})
