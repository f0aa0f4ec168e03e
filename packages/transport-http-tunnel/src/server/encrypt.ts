import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { type SecureContext, TLSSocket, type TLSSocketOptions } from 'node:tls'
import { beginningOfTls, type ClientHello, copyRemote, peek, tlsPortAnswer, WrongPortError } from '@rtmpipe/net'
import { type PeerAddress, peerAddress } from '../connection.ts'
import type { SecureContextProvider } from '../tls.ts'

/** Milliseconds for the TLS handshake. */
const HANDSHAKE_TIMEOUT = 10_000

/**
 * Makes `server` serve HTTPS: it is given a connection only when the TLS handshake on it is done.
 *
 * @param onError told why a handshake failed: it concerns nobody else
 */
export function encrypt(
  server: Server,
  provider: SecureContextProvider,
  highWaterMark: number,
  onError: (error: Error, remote?: PeerAddress) => void,
): void {
  const serve = server.listeners('connection')
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    const { remoteAddress = '', remotePort = 0 } = socket
    const report = (error: Error) => onError(error, peerAddress(remoteAddress, remotePort))
    const timer = setTimeout(() => socket.destroy(), HANDSHAKE_TIMEOUT)
    socket.once('close', () => clearTimeout(timer))
    const take = (tls: TLSSocket) => {
      let isDone = false
      tls.on('error', error => {
        if (!isDone) report(error)
      })
      // Told by this event alone once the handshake is done; with TLS 1.3 that is when a client refuses a certificate.
      tls.on('_tlsError', (error: NodeJS.ErrnoException) => {
        if (!isDone) return
        if (/^ERR_SSL_.*ALERT_/.test(error.code ?? '')) report(error)
        tls.destroy()
      })
      tls.once('secure', () => {
        isDone = true
        clearTimeout(timer)
        for (const listener of serve) listener.call(server, tls)
      })
    }
    peek(
      socket,
      bytes => beginningOfTls(bytes, 'HTTPS and RTMPTS'),
      hello => {
        if (hello === undefined) return void socket.destroy()
        if (hello instanceof WrongPortError) {
          report(hello)
          // A browser that was given http: for https: shows it.
          if (hello.spoken === 'http') socket.write(tlsPortAnswer)
          return void socket.destroy()
        }
        wrap(socket, provider, hello, highWaterMark).then(take, () => socket.destroy())
      },
    )
  })
}

async function wrap(
  socket: Socket,
  provider: SecureContextProvider,
  hello: ClientHello,
  highWaterMark: number,
): Promise<TLSSocket> {
  const contextFor = async (servername?: string): Promise<SecureContext> => provider.getSecureContext(servername, hello)
  const options: TLSSocketOptions & { readonly highWaterMark: number } = {
    isServer: true,
    highWaterMark,
    // Shown to clients that name no server; the others are SNICallback's.
    secureContext: await contextFor(),
    ALPNProtocols: ['http/1.1'],
    SNICallback: (servername, done) => {
      contextFor(servername).then(
        context => done(null, context),
        (error: unknown) => done(error as Error),
      )
    },
  }
  const tls = new TLSSocket(socket, options)
  copyRemote(socket, tls)
  return tls
}
