import { readFileSync } from 'node:fs'

/** What this package says of itself. It is released together with rtmpipe, under the same version. */
export interface OwnManifest {
  readonly version: string
  readonly engines: { readonly node: string }
  /** Versions that new projects are tested with. */
  readonly devDependencies: Readonly<Record<string, string>>
}

/** Reads this package's `package.json`. */
export function ownManifest(): OwnManifest {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as OwnManifest
}
