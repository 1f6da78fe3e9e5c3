// Builds the page that a player's browser loads from the play domain: one document and hashed files beside it, all with relative addresses.
import { readFileSync } from 'node:fs'
import { defineConfig } from 'vite'

const TYPES = 'game-api.d.ts'

export default defineConfig({
  base: './',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsDir: 'runtime',
    target: 'es2023',
    modulePreload: false, // one script; and the policy allows no inline helper
    chunkSizeWarningLimit: 2_000, // Phaser
  },
  plugins: [
    {
      name: 'types for creators',
      generateBundle() {
        const source = readFileSync(new URL(TYPES, import.meta.url))
        this.emitFile({ type: 'asset', fileName: `runtime/${TYPES}`, source })
      },
    },
  ],
  worker: { format: 'iife' }, // a module worker cannot start from a blob: address in an opaque origin
})
