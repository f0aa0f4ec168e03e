import { UsageError } from '@rtmpipe/chunk-stream'
import { type HookName, hookNames } from '../contract/hook-names.ts'
import { misspeltHooks } from '../contract/misspelt-hooks.ts'

/**
 * Refuses what is no plugin, and hooks that would never be called.
 *
 * @param allows whether a class will do, of which a plugin is made later
 * @throws UsageError `RTMP_ERR_USAGE` that says what to write instead
 */
export function checkPlugin(plugin: unknown, allows: 'objects' | 'objects and classes' = 'objects'): void {
  if (typeof plugin === 'function') return checkFunction(plugin, allows)
  if (typeof plugin !== 'object' || plugin === null)
    throw wrong(`expected a plugin, an object with a name and hooks, got ${String(plugin)}`)
  const { name } = plugin as { readonly name?: unknown }
  if (typeof name !== 'string' || name === '') throw wrong('a plugin needs a name, a string for logs and errors')
  for (const hook of hookNames) checkHook(name, hook, (plugin as Partial<Record<HookName, unknown>>)[hook])
  checkMisspelt(name, plugin)
  if (isLiteral(plugin)) checkUnknown(name, plugin)
}

/** The work of a factory is what was meant, unless the function is a class. */
function checkFunction(plugin: Function, allows: string): void {
  const name = plugin.name || 'it'
  if (!isClass(plugin)) throw wrong(`${name} is a function, not a plugin: call it: ${name}({ … })`)
  if (allows === 'objects') throw wrong(`${name} is a class, not a plugin: make one: new ${name}(…)`)
  checkMisspelt(name, plugin.prototype as object)
}

function checkHook(name: string, hook: string, value: unknown): void {
  if (value === undefined || typeof value === 'function') return
  throw wrong(`plugin ${name}: ${hook} should be a function, and is ${value === null ? 'null' : typeof value}`)
}

function checkMisspelt(name: string, plugin: object): void {
  for (const [method, hook] of misspeltHooks(plugin)) {
    throw wrong(`plugin ${name}: there is no hook ${method}, did you mean ${hook}?`)
  }
}

/** A class may have methods of any name; in an object that was written as one, they can only be meant for the server. */
function checkUnknown(name: string, plugin: object): void {
  for (const [key, value] of Object.entries(plugin)) {
    if (typeof value !== 'function' || !/^(on|bind|source)[A-Z]/.test(key)) continue
    if ((hookNames as readonly string[]).includes(key)) continue
    throw wrong(`plugin ${name}: there is no hook ${key}; hooks are ${hookNames.join(', ')}`)
  }
}

function isLiteral(plugin: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(plugin)
  return prototype === Object.prototype || prototype === null
}

/** Also true for a class that was compiled to a function with methods. */
function isClass(value: Function): boolean {
  if (/^class\b/.test(Function.prototype.toString.call(value))) return true
  const prototype: unknown = value.prototype
  if (typeof prototype !== 'object' || prototype === null) return false
  return Object.getOwnPropertyNames(prototype).length > 1 || Object.getPrototypeOf(prototype) !== Object.prototype
}

function wrong(message: string): UsageError {
  return new UsageError('RTMP_ERR_USAGE', message)
}
