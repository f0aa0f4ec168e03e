/**
 * What classes of plugins can ask for with `@inject(TOKEN)`. Loads nothing.
 *
 * @packageDocumentation
 */
import type { Host, Logger, Plugin, ServerView } from '@rtmpipe/session'
import type { InjectionToken } from 'tsyringe'

/** Every plugin of a server is registered under this token, in the order in which it is asked. */
export const PLUGIN: InjectionToken<Plugin> = Symbol.for('rtmpipe.Plugin')

/**
 * What the plugin's `setup` is given, for the constructor to keep: every class has its own. Its signal and the plugin's
 * name in its log are the server's from set-up on.
 */
export const HOST: InjectionToken<Host> = Symbol.for('rtmpipe.Host')

/** The server's logger. */
export const LOGGER: InjectionToken<Logger> = Symbol.for('rtmpipe.Logger')

/** The server that the plugin is made for, live. Until the server has started there is nothing in it. */
export const SERVER: InjectionToken<ServerView> = Symbol.for('rtmpipe.Server')
