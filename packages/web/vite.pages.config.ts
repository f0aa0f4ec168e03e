import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

export default defineConfig({
  root: fileURLToPath(new URL('src/pages', import.meta.url)),
  base: '/rtmpipe/pages/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../dist/pages',
    emptyOutDir: true,
    // The content security policy allows no `data:`.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2023',
    reportCompressedSize: false,
    // hls.js, which is loaded by those alone who need it.
    chunkSizeWarningLimit: 700,
  },
})
