import type { CallHooks, GateHooks, Plugin, SourceHooks } from '@rtmpipe/session'

/** A hook that somebody waits for, and not for ever. */
export type AwaitedHook = keyof (GateHooks & SourceHooks & CallHooks)

/** A plugin whose hooks of those names never answer, so that the server stops waiting at `limits.hookTimeout`. */
export function unanswered(...hooks: readonly AwaitedHook[]): Plugin {
  const never = () => new Promise<never>(() => {})
  return { name: 'unanswered', ...Object.fromEntries(hooks.map(hook => [hook, never])) }
}
