import {
  createSelfSignedCertificate,
  createServer,
  httpTunnel,
  type Server,
  type ServerOptions,
  tcp,
  tls,
  webSocket,
} from '../../src/index.ts'

export const schemes = ['rtmp', 'rtmps', 'rtmpt', 'rtmpts', 'ws', 'wss'] as const
export type Scheme = (typeof schemes)[number]

const certificate = createSelfSignedCertificate()

/** A server in this process that listens for all schemes of TCP on free ports. */
export class AllSchemes implements AsyncDisposable {
  readonly server: Server
  /** Certificate to trust, PEM. */
  readonly ca: string
  /** URLs of the application `live`. */
  readonly urls: Readonly<Record<Scheme, string>>

  private constructor(server: Server, ca: string) {
    this.server = server
    this.ca = ca
    const urls = server.listeners.map(({ scheme, address }) => [scheme, `${scheme}://127.0.0.1:${address.port}/live`])
    this.urls = Object.fromEntries(urls) as Record<Scheme, string>
  }

  static async listen(options: Partial<ServerOptions> = {}): Promise<AllSchemes> {
    const pair = await certificate
    const server = createServer({
      mergeWindow: 0,
      ...options,
      transports: [
        tcp({ port: 0 }),
        tls({ port: 0, certificate: pair }),
        httpTunnel({ port: 0 }),
        httpTunnel({ port: 0, tls: { certificate: pair } }),
        webSocket({ port: 0 }),
        webSocket({ port: 0, tls: { certificate: pair } }),
      ],
    })
    await server.listen()
    return new AllSchemes(server, pair.cert)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close()
  }
}
