/** Name of the AudioWorkletProcessor in the file. */
export const soundProcessor = 'rtmpipe-sound'

/** The file beside this one with what does not run in a page: see `publisher-worker.ts`. */
export function workerUrl(): string {
  return new URL('./publisher-worker.js', import.meta.url).href
}
