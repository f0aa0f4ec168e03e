import { LimitError, userControl } from '@rtmpipe/chunk-stream'
import type { MessageConnection } from '../contract/message-connection.ts'
import type { LinkEstimate } from '../contract/link-estimate.ts'
import { Rate } from './rate.ts'

/**
 * Measures the link to one peer: whether anything comes, the round trip, and the rates. It costs nothing per message.
 */
export class Link {
  static #count = 0
  /** Number of this link among those of the process, in the order in which they were made. */
  readonly number: number = (Link.#count += 1)
  readonly #messages: MessageConnection
  readonly #sent: Rate
  readonly #received: Rate
  #smoothedRoundTrip: number | undefined
  /** The last one that has not been answered. */
  #ping: { readonly timestamp: number; readonly sentAt: number } | undefined
  #heardBytes = -1
  #silentLooks = 0

  constructor(messages: MessageConnection) {
    this.#messages = messages
    const now = performance.now()
    this.#sent = new Rate(sentBytes(messages), now)
    this.#received = new Rate(messages.bytesReceived, now)
  }

  get estimate(): LinkEstimate {
    this.measure(performance.now())
    const { bytesSent, bytesAcknowledged } = this.#messages
    return {
      roundTrip: this.#roundTrip,
      sendRate: this.#sent.bitsPerSecond,
      receiveRate: this.#received.bitsPerSecond,
      bytesInFlight: bytesAcknowledged === undefined ? undefined : bytesSent - bytesAcknowledged,
    }
  }

  /** Sends a PingRequest (RTMP 1.0 §7.1.7). */
  ping(): void {
    const sentAt = performance.now()
    const timestamp = Math.trunc(sentAt) >>> 0
    this.#ping = { timestamp, sentAt }
    this.#messages.send(userControl({ type: 'PingRequest', timestamp }))
  }

  /** A PingResponse was received. One that answers nothing we asked is ignored. */
  answered(timestamp: number): void {
    if (this.#ping?.timestamp !== timestamp) return
    const sample = performance.now() - this.#ping.sentAt
    const before = this.#roundTrip ?? sample
    this.#smoothedRoundTrip = before + (sample - before) / 8
    this.#ping = undefined
  }

  measure(now: number): void {
    this.#sent.look(sentBytes(this.#messages), now)
    this.#received.look(this.#messages.bytesReceived, now)
  }

  /**
   * How many calls in a row have found no new bytes. Calls while we do not read from the peer do not count: nothing
   * could come then.
   */
  listen(): number {
    const { bytesReceived } = this.#messages
    const isSilent = bytesReceived === this.#heardBytes && !this.#messages.isPaused()
    this.#heardBytes = bytesReceived
    this.#silentLooks = isSilent ? this.#silentLooks + 1 : 0
    return this.#silentLooks
  }

  /** The peer is gone: ends the connection with LimitError `RTMP_ERR_PING_TIMEOUT`. */
  giveUp(): void {
    this.#messages.destroy(
      new LimitError('RTMP_ERR_PING_TIMEOUT', 'nothing came any more, not even the answer to a ping'),
    )
  }

  get #roundTrip(): number | undefined {
    return this.#smoothedRoundTrip ?? this.#messages.handshakeRoundTrip
  }
}

/** What the operating system has taken. */
function sentBytes({ bytesSent, queuedBytes }: MessageConnection): number {
  return Math.max(bytesSent - queuedBytes, 0)
}
