import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { run } from './running-program.ts'

/** Told to the processes of the tests: one that starts vitest itself must not write anew what others are running. */
const built = 'TESTS_ARE_BUILT'

/** Tests with real clients run the built command: builds what is missing or older than its source. */
export async function setup(): Promise<void> {
  if (process.env[built] !== undefined) return
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'))
  await run(process.execPath, [join(typescript, 'bin/tsc'), '-b', root], { name: 'tsc -b', limit: 120_000 })
  await run(process.execPath, [join(root, 'scripts/bundle.js')], { name: 'bundle.js', limit: 120_000 })
  process.env[built] = 'yes'
}
