import type { AmfObject } from '@rtmpipe/amf'
import type { PingTimes, RtmpClient } from '@rtmpipe/session'
import type { RelayConnect } from './relay-connect.ts'

/** Milliseconds for connecting and for the answer to `publish` or `play`. */
const startTimeout = 30_000

/** A stream at another server and the connection it came by. */
export interface OpenStream<Stream> {
  readonly client: RtmpClient
  readonly stream: Stream
}

/** Connects and starts a stream there, unless that takes too long or the signal is aborted meanwhile. */
export async function openStream<Stream>(
  connect: RelayConnect,
  appUrl: string,
  options: { readonly properties: AmfObject } & Partial<PingTimes>,
  signal: AbortSignal,
  start: (client: RtmpClient) => Promise<Stream>,
): Promise<OpenStream<Stream>> {
  signal.throwIfAborted()
  // Its own signal, because a stream that has started must not be cut off, but ended properly.
  const attempt = new AbortController()
  const giveUp = () => attempt.abort(signal.reason)
  signal.addEventListener('abort', giveUp, { once: true })
  const late = new DOMException(`no answer within ${startTimeout / 1_000} s`, 'TimeoutError')
  const timer = setTimeout(() => attempt.abort(late), startTimeout)
  let client: RtmpClient | undefined
  try {
    client = await connect(appUrl, { ...options, signal: attempt.signal })
    const { messages } = client
    const cut = () => void messages.destroy()
    attempt.signal.addEventListener('abort', cut, { once: true })
    if (attempt.signal.aborted) cut()
    return { client, stream: await start(client) }
  } catch (error) {
    client?.messages.destroy()
    throw attempt.signal.aborted ? attempt.signal.reason : error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', giveUp)
  }
}
