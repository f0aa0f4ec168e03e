import type { Plugin } from '@rtmpipe/session'
import type { CodeSetting } from '../config/form.ts'
import type { Problem } from '../config/problem.ts'

/** What several workers mean for them. */
export const ownPluginsWithWorkers =
  'each worker loads them: what one keeps in memory is what happens at its worker, and the others know nothing of it'

/** Plugins of the user's own. */
export const ownPlugins: CodeSetting = {
  description: 'plugins of your own, as objects or classes',
  example: "[{ name: 'hello', onPublishStart: ({ streamName }) => console.log(streamName) }]",
  problems(plugins) {
    if (!Array.isArray(plugins)) return [{ path: ['plugins'], text: 'expected a list of plugins' }]
    return plugins.flatMap((plugin: unknown, index): Problem[] => {
      const isPlugin =
        isClass(plugin) ||
        (typeof plugin === 'object' && plugin !== null && typeof (plugin as Partial<Plugin>).name === 'string')
      if (isPlugin) return []
      const called = typeof plugin === 'function' ? `; this is a function: call it, like ${plugin.name}({ … })` : ''
      return [{ path: ['plugins', index], text: `expected a plugin: an object with a name, or a class${called}` }]
    })
  },
}

/** False of functions, like `record` where `record({ … })` is meant: what they return would not be a plugin. */
function isClass(value: unknown): boolean {
  return typeof value === 'function' && Object.getOwnPropertyDescriptor(value, 'prototype')?.writable === false
}
