import { type HookName, hookNames, type Plugin } from '@rtmpipe/session'

/** What a hook has answered. */
export interface HookAnswer {
  readonly hook: HookName
  readonly value: unknown
}

type Ask = (...event: unknown[]) => unknown

/** The plugin, with every answer of its hooks written down. */
export function watched(plugin: Plugin, answers: HookAnswer[]): Plugin {
  const hooks: Partial<Record<HookName, Ask>> = {}
  for (const hook of hookNames) {
    const ask = plugin[hook] as Ask | undefined
    if (typeof ask !== 'function') continue
    hooks[hook] = (...event) => {
      const answer = ask.apply(plugin, event)
      if (!(answer instanceof Promise)) {
        answers.push({ hook, value: answer })
        return answer
      }
      return answer.then((value: unknown) => {
        answers.push({ hook, value })
        return value
      })
    }
  }
  const { name, hookTimeout } = plugin
  return { name, ...(hookTimeout !== undefined && { hookTimeout }), ...(hooks as Omit<Plugin, 'name' | 'hookTimeout'>) }
}
