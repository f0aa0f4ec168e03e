import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { type SecureContext, TLSSocket } from 'node:tls'
import type { SecureContextProvider } from '../tls.ts'

/** Milliseconds for the TLS handshake. */
const HANDSHAKE_TIMEOUT = 10_000

/** Makes `server` serve HTTPS: it is given a connection only when the TLS handshake on it is done. */
export function encrypt(server: Server, provider: SecureContextProvider): void {
  const serve = server.listeners('connection')
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    secured(socket, provider).then(
      tls => serve.forEach(listener => listener.call(server, tls)),
      () => socket.destroy(),
    )
  })
}

/** Resolves when the handshake is done; rejects when it fails or takes too long. */
async function secured(socket: Socket, provider: SecureContextProvider): Promise<TLSSocket> {
  const timer = setTimeout(() => socket.destroy(), HANDSHAKE_TIMEOUT)
  const contextFor = async (servername?: string): Promise<SecureContext> => provider.getSecureContext(servername)
  try {
    const tls = new TLSSocket(socket, {
      isServer: true,
      // Shown to clients that name no server; the others are SNICallback's.
      secureContext: await contextFor(),
      ALPNProtocols: ['http/1.1'],
      SNICallback: (servername, done) => {
        contextFor(servername).then(
          context => done(null, context),
          (error: unknown) => done(error as Error),
        )
      },
    })
    await new Promise<void>((resolve, reject) => {
      tls.once('secure', resolve).on('error', reject).once('close', reject)
    })
    return tls
  } finally {
    clearTimeout(timer)
  }
}
