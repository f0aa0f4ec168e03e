/**
 * What classes of plugins can ask for with `@inject(TOKEN)`. Loads nothing.
 *
 * @packageDocumentation
 */
import type { Logger, Plugin, ServerView } from '@rtmpipe/session'
import type { InjectionToken } from 'tsyringe'

/** Every plugin of a server is registered under this token, in the order in which it is asked. */
export const PLUGIN: InjectionToken<Plugin> = Symbol.for('rtmpipe.Plugin')

/** The server's logger. */
export const LOGGER: InjectionToken<Logger> = Symbol.for('rtmpipe.Logger')

/** The server that the plugin is made for, live. Until the server has started there is nothing in it. */
export const SERVER: InjectionToken<ServerView> = Symbol.for('rtmpipe.Server')
