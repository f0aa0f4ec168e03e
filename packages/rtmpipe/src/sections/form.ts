import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ConfigForm } from '../config/form.ts'
import { schema } from './index.ts'
import { ownPlugins } from './own-plugins.ts'
import { serverDefaultsFor, workerVariables } from './server.ts'

/** The form of the configuration of `rtmpipe serve`. */
export const form: ConfigForm = {
  schema,
  defaultsFor: serverDefaultsFor,
  code: { plugins: ownPlugins },
  // The bundle of this file lies as deep below dist as the source below src.
  modules: {
    'rtmpipe/config': fileURLToPath(new URL(`../define-config${extname(import.meta.url)}`, import.meta.url)),
  },
  // The second is for commands that ask a server: it may be set where one is started too.
  otherVariables: [...Object.values(workerVariables), 'RTMPIPE_URL'],
}
