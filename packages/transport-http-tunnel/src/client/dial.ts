import { type TunnelConnection, tunnelConnection } from '../connection.ts'
import { TunnelError } from '../errors.ts'
import { ignore } from '../ignore.ts'
import { atLeast, resolveTunnelLimits } from '../limits.ts'
import type { HttpTunnelOptions } from '../options.ts'
import { dialTarget } from './dial-target.ts'
import { HttpPoster, type HttpReply } from './http-poster.ts'
import { passesSoon } from './passing-errors.ts'
import { Repeater } from './repeater.ts'
import { DUMMY, TunnelClient } from './tunnel-client.ts'

/** Ids become part of a path: nothing that means something there. */
const SESSION_ID = /^[\w.~-]{1,128}$/

/** Opens a session; aborting `signal` gives up, or destroys the connection once it stands. */
export async function dial(
  url: URL,
  options: HttpTunnelOptions,
  signal: AbortSignal | undefined,
): Promise<TunnelConnection> {
  const target = dialTarget(url)
  const { maxBufferedBytes, idleTimeout } = resolveTunnelLimits(options)
  const timeout = atLeast(1, 'connectTimeout', options.connectTimeout ?? 10_000)
  signal?.throwIfAborted()
  const poster = new HttpPoster(target, options)
  const opener = new Repeater(poster, Infinity)
  const opening = open(opener)
  try {
    const { id, reply } = await within(opening, () => notInTime(timeout, opener.failure), timeout, signal)
    const { stream } = new TunnelClient(id, new Repeater(poster, idleTimeout), maxBufferedBytes)
    const abort = (): void => void stream.destroy(signal?.reason as Error)
    signal?.addEventListener('abort', abort, { once: true })
    stream.once('close', () => signal?.removeEventListener('abort', abort))
    return tunnelConnection(stream, target.secure, reply.remoteAddress, reply.remotePort)
  } catch (error) {
    opener.settle()
    abandon(poster, opening)
    throw error
  }
}

interface Opened {
  readonly id: string
  readonly reply: HttpReply
}

async function open(opener: Repeater): Promise<Opened> {
  const reply = await opener.post('/open', '/open/1', DUMMY, passesSoon)
  const id = reply.body.toString('latin1').trimEnd()
  if (SESSION_ID.test(id)) return { id, reply }
  throw new TunnelError('RTMP_ERR_TUNNEL_REPLY', 'server answered /open with no session id')
}

/** `opening`, unless it takes too long or is given up. */
async function within(
  opening: Promise<Opened>,
  late: () => Error,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<Opened> {
  let timer: NodeJS.Timeout | undefined
  let abort: (() => void) | undefined
  const given = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), timeout)
    abort = () => reject(signal?.reason as Error)
    signal?.addEventListener('abort', abort, { once: true })
  })
  try {
    return await Promise.race([opening, given])
  } finally {
    clearTimeout(timer)
    if (abort !== undefined) signal?.removeEventListener('abort', abort)
  }
}

function notInTime(timeout: number, cause: Error | undefined): TunnelError {
  const message = `no session within ${timeout} ms`
  if (cause === undefined) return new TunnelError('RTMP_ERR_TUNNEL_TIMEOUT', message)
  return new TunnelError('RTMP_ERR_TUNNEL_TIMEOUT', `${message}; last: ${cause.message}`, { cause })
}

/** Milliseconds in which a session that is not wanted any more may still open, to be closed. */
const ABANDON_TIMEOUT = 2_000

/** The server must not be left with a session that nobody knows of. */
function abandon(poster: HttpPoster, opening: Promise<Opened>): void {
  const timer = setTimeout(() => poster.close(), ABANDON_TIMEOUT)
  opening
    .then(({ id }) => poster.post(`/close/${id}/0`, DUMMY))
    .catch(ignore)
    .finally(() => {
      clearTimeout(timer)
      poster.close()
    })
}
