/**
 * The dashboard of rtmpipe, as files for a browser. `@rtmpipe/http` serves them under `/admin`.
 *
 * @packageDocumentation
 */
import { fileURLToPath } from 'node:url'

/** The folder with `index.html`, and `assets` whose names change with what is in them. */
export const folder: string = fileURLToPath(new URL('../dist/app', import.meta.url))
