/**
 * Dependency injection for plugins: a server's own tsyringe container and the tokens plugins may ask for. Nothing here
 * knows RTMP; plugins without dependencies need none of it.
 *
 * @packageDocumentation
 */
import 'reflect-metadata'

export type { PluginClass } from './class-plugin.ts'
export { PluginContainer } from './plugin-container.ts'
export { HOST, LOGGER, PLUGIN, SERVER } from './tokens/index.ts'
