import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { folder } from '../src/index.ts'

const most = 60 * 1024

async function files(): Promise<ReadonlyMap<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const names = entries.filter(entry => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  return new Map(await Promise.all(names.map(async name => [name, await readFile(name)] as const)))
}

it('all files together are at most 60 KB, compressed', async () => {
  const sizes = [...(await files()).values()].map(bytes => gzipSync(bytes, { level: 9 }).length)
  const sum = sizes.reduce((one, two) => one + two, 0)
  expect(sum).toBeGreaterThan(10_000)
  expect(sum).toBeLessThanOrEqual(most)
})

it('nothing stands in the page that a strict policy forbids, and nothing comes from elsewhere', async () => {
  for (const [name, bytes] of await files()) {
    const text = bytes.toString()
    if (name.endsWith('.html')) {
      expect(text).not.toMatch(/<style|\son\w+=|style=|<script(?![^>]*\ssrc=)/)
      expect([...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, url]) => url?.startsWith('/admin/assets/'))).toEqual(
        Array(3).fill(true),
      )
    }
    if (name.endsWith('.css')) expect(text).not.toMatch(/url\(|@import/)
    if (name.endsWith('.js')) expect(text).not.toMatch(/\beval\(|new Function\(|insertAdjacentHTML|document\.write/)
  }
})
