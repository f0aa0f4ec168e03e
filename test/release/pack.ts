import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { run, RunningProgram } from '../support/running-program.ts'
import { TemporaryFolder } from '../support/temporary-folder.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Paths of the tarballs, by the names of their packages. */
    tarballs: Readonly<Record<string, string>>
    /** What is wrong with them. */
    faults: readonly string[]
  }
}

/** Packs all packages that are published, once for all checks. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const script = fileURLToPath(new URL('../../scripts/check-packages.js', import.meta.url))
  const folder = await TemporaryFolder.create()
  console.log('packing')
  await using packing = new RunningProgram({ file: process.execPath, args: [script, folder.path], limit: 120_000 })
  const { code, stdout } = await packing.finish(0, 1)
  const tarballs: Record<string, string> = {}
  for (const file of await readdir(folder.path)) {
    const manifest = await run('tar', ['-xzOf', folder.file(file), 'package/package.json'])
    const { name } = JSON.parse(manifest.stdout.join('')) as { name: string }
    tarballs[name] = folder.file(file)
  }
  provide('tarballs', tarballs)
  provide('faults', code === 0 ? [] : stdout)
  return () => folder[Symbol.asyncDispose]()
}
