import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'

const folder = fileURLToPath(new URL('../../dist/browser', import.meta.url))

/** Bytes, with the player and the publisher. */
const most = 75_000

/** A file and all that it loads with it. */
async function loadedWith(name: string, seen: Set<string> = new Set()): Promise<ReadonlySet<string>> {
  seen.add(name)
  const text = await readFile(join(folder, name), 'utf8')
  for (const [, next] of text.matchAll(/(?:\bfrom|\bimport)\s*["']\.\/([^"']+)["']/g))
    if (next !== undefined && !seen.has(next)) await loadedWith(next, seen)
  return seen
}

it('what a page loads of it is at most 75 KB, compressed', async context => {
  const names = [...(await loadedWith('rtmpipe.js'))]
  const sizes = await Promise.all(
    names.map(async name => gzipSync(await readFile(join(folder, name)), { level: 9 }).length),
  )
  const sum = sizes.reduce((one, two) => one + two, 0)
  await context.annotate(`${sum} bytes in ${names.length} files`)
  expect(sum).toBeGreaterThan(40_000)
  expect(sum).toBeLessThanOrEqual(most)
})
