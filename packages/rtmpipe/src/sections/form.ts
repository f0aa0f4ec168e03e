import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ConfigForm } from '../config/form.ts'
import { schema } from './index.ts'
import { ownPlugins } from './own-plugins.ts'
import { workerVariables } from './server.ts'

/** The form of the configuration of `rtmpipe serve`. */
export const form: ConfigForm = {
  schema,
  code: { plugins: ownPlugins },
  modules: {
    'rtmpipe/config': fileURLToPath(new URL(`../define-config${extname(import.meta.url)}`, import.meta.url)),
  },
  otherVariables: Object.values(workerVariables),
}
