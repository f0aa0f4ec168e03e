import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

// `npm run release:check`: what users get from the registry, tried from tarballs outside of the workspace.
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    include: ['test/release/*.check.ts'],
    globalSetup: './test/release/pack.ts',
    // Each of them keeps npm, a compiler or a server busy.
    fileParallelism: false,
    reporters: ['verbose'],
    testTimeout: 120_000,
    hookTimeout: 180_000,
  },
})
