import { defineConfig } from 'vitest/config'

const conditions = ['@rtmpipe/source']

const shared = {
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  // Vite compiles decorators only when told so: the classes in examples and tests use parameter decorators.
  oxc: { decorator: { legacy: true } },
}

const timeouts = { testTimeout: 30_000, hookTimeout: 60_000 }

const loads = ['dump', 'fallback', 'load', 'pings', 'slow-line'].map(name => `test/interop/${name}.test.ts`)

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
          // Vitest alone would take one less than there are cores.
          maxWorkers: 2,
          ...timeouts,
        },
      },
      {
        ...shared,
        // Real clients, who mostly wait for the clock.
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          exclude: loads,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
          ...timeouts,
        },
      },
      {
        ...shared,
        // One file at a time, with the machine to itself.
        test: {
          name: 'load',
          include: loads,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          ...timeouts,
        },
      },
    ],
  },
})
