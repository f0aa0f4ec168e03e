/** Where a value is: names and list indices from the root on. */
export type Path = readonly (string | number)[]

/** Like `auth.publishKeys.keys[0]`. */
export function pathText(path: Path): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('')
}

/** Names and values without functions, lists or instances of classes. */
export type Settings = Readonly<Record<string, unknown>>

export function isSettings(value: unknown): value is Settings {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

/** What is there, or undefined. Only what an object has itself counts. */
export function valueAt(settings: unknown, path: Path): unknown {
  let value = settings
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Record<string | number, unknown>)[part]
  }
  return value
}

/** Settings with one more value in them, which replaces what is there. */
export function withValue(settings: Settings, [first, ...rest]: Path, value: unknown): Settings {
  if (first === undefined) return settings
  const before = valueAt(settings, [first])
  const inner = rest.length === 0 ? value : withValue(isSettings(before) ? before : {}, rest, value)
  return Object.fromEntries([...Object.entries(settings), [String(first), inner]])
}
