import type { WebSocket } from 'ws'
import type { Carrier } from './carrier.ts'
import type { Packed } from './flv-packer.ts'

/** Of RFC 6455 §7.4.1: it has done what it was for. */
const NORMAL = 1000

/** A WebSocket: what goes out together is a binary message. */
export class WebSocketCarrier implements Carrier {
  readonly name = 'ws-flv'
  readonly #open: (opened: (socket: WebSocket) => void) => void
  readonly #drained: () => void
  readonly #onTaken = (): void => {
    if (this.queuedBytes === 0) this.#drained()
  }
  #socket: WebSocket | undefined
  #bytesSent = 0

  /**
   * @param open completes the handshake, before it returns
   * @param drained called when the operating system has everything
   */
  constructor(open: (opened: (socket: WebSocket) => void) => void, drained: () => void) {
    this.#open = open
    this.#drained = drained
  }

  get queuedBytes(): number {
    return this.#socket?.bufferedAmount ?? 0
  }

  get bytesSent(): number {
    return this.#bytesSent
  }

  begin(): void {
    this.#open(socket => (this.#socket = socket))
  }

  send({ flv }: Packed): boolean {
    this.#bytesSent += flv.length
    this.#socket?.send(flv, { binary: true }, this.#onTaken)
    return this.queuedBytes === 0
  }

  end(): void {
    this.#socket?.close(NORMAL)
  }

  cut(): void {
    this.#socket?.terminate()
  }
}
