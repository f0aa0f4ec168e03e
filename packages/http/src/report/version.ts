import { readFileSync } from 'node:fs'

let known: string | undefined

/** The version of this package, which is that of rtmpipe. */
export function version(): string {
  known ??= read()
  return known
}

/** The manifest is above us: how far depends on whether this is source or a bundle. */
function read(): string {
  for (const path of ['../package.json', '../../package.json', '../../../package.json']) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as Record<
        string,
        string
      >
      if (name === '@rtmpipe/http' && version !== undefined) return version
    } catch {
      // Not there.
    }
  }
  return 'unknown'
}
