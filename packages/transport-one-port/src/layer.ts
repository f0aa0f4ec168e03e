import type { InnerConnection, InnerListener, InnerTransport } from '@rtmpipe/transport-tls'
import type { TcpTransport } from '@rtmpipe/transport-tcp'

/** What TLS lies over: connections that have begun with it, one by one. */
export class Layer implements InnerTransport {
  readonly name = 'one-port'
  readonly schemes = ['rtmp'] as const
  readonly dial: InnerTransport['dial']
  #take: ((connection: InnerConnection) => void) | undefined

  /** @param below dials */
  constructor(below: TcpTransport) {
    this.dial = (url, options) => below.dial(url, options)
  }

  async listen(accept: (connection: InnerConnection) => void): Promise<InnerListener> {
    this.#take = accept
    return { address: { address: '', port: 0 }, close: async () => {} }
  }

  /** Hands one over to TLS. */
  take(connection: InnerConnection): void {
    this.#take?.(connection)
  }
}
