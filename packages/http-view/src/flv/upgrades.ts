import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { answerPlainly } from '@rtmpipe/transport-websocket/server'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Socket } from 'node:net'

/** Bytes of a message; viewers have nothing to say. */
const maxPayload = 1_024

interface Upgrade {
  readonly socket: Duplex
  readonly head: Buffer
}

/**
 * WebSockets among the requests of a server: they come to its routes like any other, which answer or open them. So who comes
 * by which proxy, and what else a server asks of requests, holds for them too.
 */
export class Upgrades {
  readonly #pending = new WeakMap<IncomingMessage, Upgrade>()
  readonly #handshakes = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    // Media is compressed already.
    perMessageDeflate: false,
    maxPayload,
  })

  /**
   * Takes the upgrades that are meant for it, unless they offer the subprotocol of RTMP; those that nobody takes are answered
   * as if they asked for no upgrade.
   *
   * @returns stops that
   */
  serve(server: Server, isMeant: (request: IncomingMessage) => boolean): () => void {
    const answer = (request: IncomingMessage, socket: Duplex): void => {
      socket.on('error', () => {})
      answerPlainly(server, request, socket as Socket)
    }
    const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      if (isMeant(request) && !offersRtmp(request)) {
        this.#pending.set(request, { socket, head })
        return answer(request, socket)
      }
      // Whoever takes it listens to its errors.
      const before = socket.listenerCount('error')
      process.nextTick(() => {
        if (!socket.destroyed && socket.listenerCount('error') === before) answer(request, socket)
      })
    }
    // Before the others, to see whether they take it.
    server.prependListener('upgrade', onUpgrade)
    return () => server.off('upgrade', onUpgrade)
  }

  /** The upgrade that a request asks for; undefined of one that asks for none. */
  of(request: IncomingMessage): Upgrade | undefined {
    return isWebSocket(request) ? this.#pending.get(request) : undefined
  }

  /** Completes the handshake of an upgrade, once. What the viewer sends is not looked at. */
  open(request: IncomingMessage, { socket, head }: Upgrade, opened: (socket: WebSocket) => void): void {
    this.#pending.delete(request)
    this.#handshakes.handleUpgrade(request, socket, head, webSocket => {
      webSocket.on('error', () => {})
      opened(webSocket)
    })
  }
}

function isWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket'
}

function offersRtmp({ headers }: IncomingMessage): boolean {
  return /(^|,)\s*rtmp\s*(,|$)/i.test(headers['sec-websocket-protocol'] ?? '')
}
