import { defineConfig } from 'vitest/config'

const conditions = ['@rtmpipe/source']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  // Vite compiles decorators only when told so: the classes in examples and tests use parameter decorators.
  oxc: { decorator: { legacy: true } },
  test: {
    globalSetup: './test/support/global-setup.ts',
    include: ['packages/*/test/**/*.test.ts', 'examples/test/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
})
