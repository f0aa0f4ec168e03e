import type { Action } from '../action.ts'
import { matchesPath } from '../path-pattern.ts'

/** Names of the same actions in `mediamtx_permissions`. */
const mediamtxActions: Readonly<Record<Action, string>> = { publish: 'publish', play: 'read' }

/**
 * Whether the claims of a token allow an action on `app/stream`: `rtmp: { publish, play }` with patterns, or
 * `mediamtx_permissions: [{ action, path }]` with whole paths, where an empty one is any. Regular expressions (`~…`)
 * allow nothing: a token does not bring code.
 */
export function isPermitted(claims: Readonly<Record<string, unknown>>, action: Action, path: string): boolean {
  return (
    patternsOf(own(claims, 'rtmp'), action).some(pattern => matchesPath(pattern, path)) ||
    isPermittedByMediamtx(own(claims, 'mediamtx_permissions'), mediamtxActions[action], path)
  )
}

function patternsOf(claim: unknown, action: Action): readonly string[] {
  const patterns = own(claim, action)
  return (Array.isArray(patterns) ? patterns : [patterns]).filter(pattern => typeof pattern === 'string')
}

function isPermittedByMediamtx(claim: unknown, action: string, path: string): boolean {
  if (!Array.isArray(claim)) return false
  return claim.some(permission => {
    const allowed = own(permission, 'path') ?? ''
    return own(permission, 'action') === action && (allowed === '' || allowed === path)
  })
}

function own(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined
}
