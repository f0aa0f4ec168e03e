import type { Target } from './contract/endpoint.ts'
import type { OpenSession } from './contract/session.ts'
import type { DatagramSocket } from './datagram-socket.ts'

export interface OpenSessionOptions<T> {
  readonly target: Target
  /** Milliseconds. */
  readonly timeout: number
  readonly signal: AbortSignal | undefined
  /** Called in the turn in which the session has opened: its first flows may be in the same packet. */
  take(session: OpenSession): T
  /** The error when time is up. `isRedirected`: somebody has said where else to ask. */
  silence(isRedirected: boolean): Error
}

/** What `take` makes of a new session. Rejects with `silence`, a StartupError, or the reason of `signal`. */
export function openSession<T>(
  { endpoint, now }: DatagramSocket,
  { target, timeout, signal, take, silence }: OpenSessionOptions<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const settle = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
    const fail = (error: unknown) => {
      settle()
      opening.abort()
      reject(error)
    }
    const abort = () => fail(signal?.reason)
    const timer = setTimeout(() => fail(silence(opening.isRedirected)), timeout)
    signal?.addEventListener('abort', abort, { once: true })
    // It may have failed before there is an `opening`.
    const opening = endpoint.open(target, now, (error, session) => {
      settle()
      if (session === undefined) reject(error)
      else resolve(take(session))
    })
  })
}
