import { type HookName, hookNames } from './plugin-watch.ts'

/**
 * Methods whose names are nearly those of hooks. The compiler finds them in a literal, but takes them for methods of its
 * own in a class.
 */
export function misspeltHooks(plugin: object): [method: string, hook: HookName][] {
  const found: [string, HookName][] = []
  for (const method of methodsOf(plugin)) {
    if (!/^(on|bind|source|set)/i.test(method) || (hookNames as readonly string[]).includes(method)) continue
    const hook = hookNames.find(name => distance(name.toLowerCase(), method.toLowerCase()) <= 2)
    if (hook !== undefined) found.push([method, hook])
  }
  return found
}

function methodsOf(plugin: object): string[] {
  const names: string[] = []
  for (let one: object | null = plugin; one !== null && one !== Object.prototype; one = Object.getPrototypeOf(one)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(one))) {
      if (typeof value === 'function') names.push(name)
    }
  }
  return names
}

/** Letters to put in, take out or change (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (const [index, letter] of one.split('').entries()) {
    const next = [index + 1]
    for (const [column, otherLetter] of other.split('').entries()) {
      const changed = (row[column] ?? 0) + (letter === otherLetter ? 0 : 1)
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row[other.length] ?? 0
}
