import { suggestion } from '@rtmpipe/chunk-stream'
import { type HookName, hookNames } from './hook-names.ts'

/**
 * Methods whose names are nearly those of hooks. The compiler finds them in a literal, but takes them for methods of its
 * own in a class.
 */
export function misspeltHooks(plugin: object): [method: string, hook: HookName][] {
  const found: [string, HookName][] = []
  for (const method of methodsOf(plugin)) {
    if (!/^(on|bind|source|set)/i.test(method) || (hookNames as readonly string[]).includes(method)) continue
    const hook = suggestion(method, hookNames, 2) as HookName | undefined
    if (hook !== undefined) found.push([method, hook])
  }
  return found
}

/** Own methods and inherited ones. Getters are not run. */
function methodsOf(plugin: object): string[] {
  const names: string[] = []
  for (let one: object | null = plugin; one !== null && one !== Object.prototype; one = Object.getPrototypeOf(one)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(one))) {
      if (typeof value === 'function') names.push(name)
    }
  }
  return names
}
