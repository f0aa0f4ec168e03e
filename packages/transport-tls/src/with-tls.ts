import type { SecureContext } from 'node:tls'
import { clientHandshake } from './client-handshake.ts'
import { dialTarget } from './dial-target.ts'
import { type TlsOptions, contextOptions } from './options.ts'
import { ServerContext } from './server-context.ts'
import { TlsAcceptor } from './tls-acceptor.ts'
import type { InnerTransport, SignalOptions, TlsConnection, TlsListener, TlsTransport } from './transport.ts'
import { nodeTls } from './node-tls.ts'

/**
 * Lays TLS over a transport that carries plain bytes: RTMPS, where that is TCP. Versions below 1.2 (unless `compat` is
 * set) and renegotiation are refused.
 *
 * @example
 * ```ts
 * const certificate = certificateFiles({ cert: 'fullchain.pem', key: 'privkey.pem' })
 * const listener = await withTls(tcp({ port: 1936 }), { certificate }).listen(({ stream }) => stream.end())
 * ```
 */
export function withTls(inner: InnerTransport, options: TlsOptions = {}): TlsTransport {
  return new TlsOverTransport(inner, options)
}

class TlsOverTransport implements TlsTransport {
  readonly name = 'tls'
  readonly schemes = ['rtmps'] as const
  readonly #inner: InnerTransport
  readonly #options: TlsOptions
  readonly #serverContext: ServerContext
  #clientContext: SecureContext | undefined

  constructor(inner: InnerTransport, options: TlsOptions) {
    this.#inner = inner
    this.#options = options
    this.#serverContext = new ServerContext(options)
  }

  async listen(accept: (connection: TlsConnection) => void, { signal }: SignalOptions = {}): Promise<TlsListener> {
    signal?.throwIfAborted()
    await this.#serverContext.load()
    const acceptor = new TlsAcceptor(this.#serverContext, this.#options, accept)
    const inner = await this.#inner.listen(connection => acceptor.take(connection), signal && { signal })
    let closed: Promise<void> | undefined
    const close = (): Promise<void> => {
      signal?.removeEventListener('abort', onAbort)
      acceptor.stop()
      closed ??= Promise.all([inner.close(), acceptor.drained()]).then(() => {})
      return closed
    }
    const onAbort = (): void => void close()
    signal?.addEventListener('abort', onAbort)
    return { scheme: 'rtmps', address: inner.address, close }
  }

  async dial(url: URL, { signal }: SignalOptions = {}): Promise<TlsConnection> {
    const { servername, insecure, ca, handshakeTimeout: timeout = 10_000 } = this.#options
    const target = dialTarget(url, this.#inner.schemes[0] ?? 'rtmp')
    this.#clientContext ??= nodeTls().createSecureContext({
      ...contextOptions(this.#options),
      ...(ca && { ca: [ca].flat() }),
    })
    const { stream, remote } = await this.#inner.dial(target.inner, signal && { signal })
    const socket = await clientHandshake(stream, {
      secureContext: this.#clientContext,
      host: servername ?? target.host,
      verify: insecure !== true,
      timeout,
      signal,
    })
    return { stream: socket, transport: 'rtmps', secure: true, remote }
  }

  reload(): Promise<void> {
    return this.#serverContext.reload()
  }
}
