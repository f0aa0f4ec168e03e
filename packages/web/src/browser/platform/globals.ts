/**
 * What Node has everywhere and a browser has not. The bundler puts these in wherever our sources, or the packages that
 * they use, name one.
 */
import { nextTick } from './next-tick.ts'

export { Buffer } from './buffer.ts'
export { clearImmediate, setImmediate } from './immediate.ts'

/** As much of Node's `process` as there is any use for. */
export const process: { readonly nextTick: typeof nextTick } = { nextTick }
