/**
 * The dashboard of rtmpipe, as files for a browser. `@rtmpipe/http` serves them under `/admin`.
 *
 * @packageDocumentation
 */
import { fileURLToPath } from 'node:url'

/** The folder with `index.html`, and `assets` whose names change with what is in them. */
export const folder: string = fileURLToPath(new URL('../dist/app', import.meta.url))

/** The folder with the page that `@rtmpipe/http` serves as `/`, and `assets` as in {@link folder}. */
export const pagesFolder: string = fileURLToPath(new URL('../dist/pages', import.meta.url))

/** The folder with the scripts that pages import: `rtmpipe.js`, `elements.js`, `worker.js`. */
export const browserFolder: string = fileURLToPath(new URL('../dist/browser', import.meta.url))
