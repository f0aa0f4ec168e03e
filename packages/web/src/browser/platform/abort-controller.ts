/** What `readable-stream` would bring along for engines that have none. */
export const AbortController: typeof globalThis.AbortController = globalThis.AbortController
export const AbortSignal: typeof globalThis.AbortSignal = globalThis.AbortSignal
