import { mkdir } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './running-program.ts'

/** Versions of Node that the built packages are tried on, besides the one that runs the tests. */
export const nodeVersions = ['22.23.3', '24.9.0'] as const

/**
 * Path of a Node binary, fetched from the npm registry once and kept. Not a dependency of the workspace, because npm
 * would put it before the user's own Node on the path of every script.
 *
 * @throws Error where there is none for this platform, or no registry
 */
export async function nodeBinary(version: string): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`
  const folder = join(tmpdir(), 'rtmpipe-node', version)
  const binary = join(folder, 'node_modules', name, 'bin/node')
  if (existsSync(binary)) return binary
  await mkdir(folder, { recursive: true })
  const words = [
    'install',
    '--prefix',
    folder,
    '--no-save',
    '--no-package-lock',
    '--ignore-scripts',
    `${name}@${version}`,
  ]
  await run('npm', words, { name: `npm install ${name}`, limit: 120_000 })
  return binary
}
