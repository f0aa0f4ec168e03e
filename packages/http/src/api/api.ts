import { guarded } from '../house/guarded.ts'
import type { Mount } from '../mount.ts'

/**
 * The HTTP API below `/api/v1`: reads what goes on, acts, and tells of events. Reading needs the role `view`, anything else
 * `operate`. `/api/v1/openapi.json` describes it to anybody.
 */
export function api(): Mount {
  // What it needs is loaded by those who listen only.
  return guarded(async (app, house) => (await import('./serve-api.ts')).serveApi(app, house))
}
