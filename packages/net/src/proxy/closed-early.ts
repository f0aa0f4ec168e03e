import type { ProxyUrl } from './proxy-url.ts'

/** Shaped like the system's: who repeats what failed with a reset repeats this as well. */
export function closedEarly(proxy: ProxyUrl): Error {
  const message = `proxy ${proxy.shown} closed the connection before it had answered`
  return Object.assign(new Error(message), { code: 'ECONNRESET' })
}
