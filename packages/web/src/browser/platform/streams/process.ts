/** What `readable-stream` wants of Node's `process`. */
export { nextTick } from '../next-tick.ts'
