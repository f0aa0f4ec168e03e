import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../../node_modules/.cache/rtmpipe-bench', import.meta.url))

/** A file for what takes long to make and can be made again. */
export function cached(name: string): string {
  mkdirSync(folder, { recursive: true })
  return join(folder, name)
}
