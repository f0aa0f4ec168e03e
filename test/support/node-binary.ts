import { chmod, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestContext } from 'vitest'
import { keptFile } from './kept-file.ts'
import { run } from './running-program.ts'
import { TemporaryFolder } from './temporary-folder.ts'

/** Versions of Node that the built packages are tried on, besides the one that runs the tests. */
export const nodeVersions = ['22.23.3', '24.9.0', '26.12.1'] as const
/** Not every registry has it. */
const newest: string = nodeVersions[2]

/**
 * Path of a Node binary, fetched from the npm registry once and kept. Not a dependency of the workspace, because npm
 * would put it before the user's own Node on the path of every script.
 *
 * @throws Error where there is none for this platform, or no registry
 */
export function nodeBinary(version: string): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`
  return keptFile(`${name}-${version}`, async path => {
    await using folder = await TemporaryFolder.create()
    const options = ['--prefix', folder.path, '--no-save', '--no-package-lock', '--ignore-scripts']
    await run('npm', ['install', ...options, `${name}@${version}`], { name: `npm install ${name}`, limit: 120_000 })
    const binary = join(folder.path, 'node_modules', name, 'bin/node')
    await chmod(binary, 0o755)
    await rename(binary, path)
  })
}

/** The binary, or the test is skipped where there is no registry, and says so; in CI that is a failure, but for the newest. */
export async function requireNode(context: TestContext, version: string): Promise<string> {
  try {
    return await nodeBinary(version)
  } catch (error) {
    if (process.env['CI'] !== undefined && version !== newest) throw error
    const reason = `no Node ${version} to be had: ${(error as Error).message.split('\n')[0]}`
    console.warn(`skipping ${context.task.name}: ${reason}`)
    return context.skip(reason)
  }
}
