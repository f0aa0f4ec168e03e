import type { WebSocketConnection } from '../connection.ts'
import { type DialTarget, dialTarget } from '../dial-target.ts'
import { WebSocketError } from '../errors.ts'
import { WebSocketByteStream } from '../stream/byte-stream.ts'
import type { Carrier } from '../stream/carrier.ts'
import type { Page } from './page-api.ts'
import { PageCarrier } from './page-carrier.ts'
import { StreamCarrier } from './stream-carrier.ts'

const protocols = ['rtmp']

interface Opened {
  readonly carrier: Carrier
  readonly paces: boolean
}

/**
 * Connects from a page; aborting `signal` gives up, or destroys the connection once it stands.
 *
 * @param timeout milliseconds
 */
export async function dialFromPage(
  url: URL,
  timeout: number,
  signal: AbortSignal | undefined,
  page: Page = globalThis as Page,
): Promise<WebSocketConnection> {
  const target = dialTarget(url)
  signal?.throwIfAborted()
  const { carrier, paces } = await open(target, timeout, signal, page)
  const stream = new WebSocketByteStream(carrier)
  const abort = (): void => void stream.destroy(signal?.reason as Error)
  signal?.addEventListener('abort', abort, { once: true })
  stream.once('close', () => signal?.removeEventListener('abort', abort))
  const { hostname, port } = target.url
  return {
    stream,
    transport: target.scheme,
    secure: target.secure,
    // A page learns no addresses.
    remote: { address: hostname, port: Number(port || (target.secure ? 443 : 80)) },
    ...(!paces && { paces: false }),
  }
}

/** Rejects when it takes too long or is given up, and closes what opens all the same. */
async function open(target: DialTarget, timeout: number, signal: AbortSignal | undefined, page: Page): Promise<Opened> {
  const opening = page.WebSocketStream === undefined ? openSocket(target, page) : openStream(target, page)
  let timer: ReturnType<typeof setTimeout> | undefined
  let abort: (() => void) | undefined
  try {
    return await new Promise<Opened>((resolve, reject) => {
      opening.opened.then(resolve, reject)
      const late = () => new WebSocketError('RTMP_ERR_WEBSOCKET_TIMEOUT', `no WebSocket within ${timeout} ms`)
      timer = setTimeout(() => reject(late()), timeout)
      abort = () => reject(signal?.reason as Error)
      signal?.addEventListener('abort', abort, { once: true })
    })
  } catch (error) {
    opening.close()
    throw error
  } finally {
    clearTimeout(timer)
    if (abort !== undefined) signal?.removeEventListener('abort', abort)
  }
}

interface Opening {
  readonly opened: Promise<Opened>
  close(): void
}

function openSocket({ url }: DialTarget, { WebSocket }: Page): Opening {
  if (WebSocket === undefined)
    throw new WebSocketError('RTMP_ERR_WEBSOCKET_OPTION', 'there is no WebSocket here: this is for browsers')
  const socket = new WebSocket(url.href, protocols)
  socket.binaryType = 'arraybuffer'
  const opened = new Promise<Opened>((resolve, reject) => {
    socket.onclose = () => reject(unreached(url))
    socket.onopen = () => {
      socket.onopen = socket.onclose = null
      if (socket.protocol === 'rtmp') resolve({ carrier: new PageCarrier(socket), paces: false })
      else reject(unreached(url))
    }
  })
  return { opened, close: () => socket.close() }
}

function openStream({ url }: DialTarget, { WebSocketStream }: Page): Opening {
  const socket = new (WebSocketStream as NonNullable<typeof WebSocketStream>)(url.href, { protocols })
  socket.closed.catch(() => {})
  const opened = socket.opened.then(
    streams => {
      if (streams.protocol === 'rtmp') return { carrier: new StreamCarrier(socket, streams), paces: true }
      throw unreached(url)
    },
    () => {
      throw unreached(url)
    },
  )
  opened.catch(() => {})
  return { opened, close: () => socket.close() }
}

/** Browsers tell pages nothing of the reason, so that these can't look around in a network. */
function unreached({ host }: URL): WebSocketError {
  return new WebSocketError(
    'RTMP_ERR_WEBSOCKET_REPLY',
    `${host} gives no WebSocket for RTMP: nobody may listen there, the certificate may not be trusted, or the server does not let pages of this origin in`,
  )
}
