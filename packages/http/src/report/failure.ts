import type { Outcome } from './reports.ts'

/** How an act came out that has thrown. Errors of ours say what to do about them; of others only the log may know more. */
export function failureOf(act: string, error: unknown): Extract<Outcome, { readonly ok: false }> {
  const { code, message } = error as { readonly code?: unknown; readonly message: string }
  if (typeof code === 'string' && code.startsWith('RTMP_ERR_'))
    return { ok: false, why: 'not possible', reason: message }
  return { ok: false, why: 'failed', reason: `to ${act} failed: the server's log says how` }
}
