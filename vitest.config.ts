import { defineConfig } from 'vitest/config'

const conditions = ['@rtmpipe/source']

const shared = {
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  // Vite compiles decorators only when told so: the classes in examples and tests use parameter decorators.
  oxc: { decorator: { legacy: true } },
}

const timeouts = { testTimeout: 30_000, hookTimeout: 60_000 }

export default defineConfig({
  test: {
    // What runs the built command builds it first.
    globalSetup: './test/support/global-setup.ts',
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: ['packages/*/test/**/*.test.ts', 'examples/test/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['test/interop/**'],
          ...timeouts,
        },
      },
      {
        ...shared,
        // Real clients and load: one file at a time, after the rest.
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          ...timeouts,
        },
      },
    ],
  },
})
