import type { Duplex } from 'node:stream'
import { AcknowledgedBytes } from './acknowledged-bytes.ts'
import { AcknowledgementWindow } from './acknowledgement-window.ts'
import { MessageType, type RtmpMessage } from './message.ts'
import type { OutgoingMessages } from './outgoing-messages.ts'
import {
  acknowledgement,
  parseAcknowledgement,
  parseSetPeerBandwidth,
  parseWindowAcknowledgementSize,
  windowAcknowledgementSize,
} from './protocol-control.ts'

/** Bytes that Node reads from a socket at a time: after a read of this length there may be more. */
const fullRead = 64 * 1024

/** With more unsent bytes than this, the peer is not reading: it gets no answers, which would pile up. */
export const maxQueuedForAnswers: number = 64 * 1024

/** Acknowledges what a byte stream receives, and hears what its peer acknowledges (RTMP 1.0 §5.4.3 to §5.4.5). */
export class Acknowledgements {
  readonly #bytes: Duplex
  readonly #outgoing: OutgoingMessages
  readonly #window = new AcknowledgementWindow()
  readonly #acknowledged = new AcknowledgedBytes()
  #received = 0
  #lull: NodeJS.Immediate | undefined

  constructor(bytes: Duplex, outgoing: OutgoingMessages) {
    this.#bytes = bytes
    this.#outgoing = outgoing
  }

  /** Bytes received so far. */
  get received(): number {
    return this.#received
  }

  /** Bytes sent that the peer has acknowledged, as far as can be told; undefined until it has acknowledged any. */
  get acknowledged(): number | undefined {
    return this.#acknowledged.total
  }

  /** Counts received bytes. To be followed by {@link Acknowledgements.acknowledge} when they have been demuxed. */
  count(length: number): void {
    this.#received += length
  }

  /** @param length of what was received last */
  acknowledge(length: number): void {
    if (length < fullRead) this.#acknowledge()
    else this.acknowledgeLater()
  }

  /**
   * Acknowledges when a turn of the event loop has brought no more bytes. A peer may have sent everything and be gone:
   * then a write would fail, and bytes that were not read yet would be lost.
   */
  acknowledgeLater(): void {
    if (this.#lull !== undefined || !this.#window.isDue(this.#received)) return
    const before = this.#received
    this.#lull = setImmediate(() => {
      this.#lull = undefined
      if (this.#received !== before) this.acknowledgeLater()
      else if (!this.#bytes.isPaused()) this.#acknowledge()
    })
  }

  /** Protocol control that was received. */
  obey({ messageTypeId, payload }: RtmpMessage): void {
    if (messageTypeId > MessageType.SetPeerBandwidth) return
    if (messageTypeId === MessageType.Acknowledgement) {
      const sequenceNumber = parseAcknowledgement(payload)
      if (sequenceNumber === undefined) return
      this.#acknowledged.acknowledge(sequenceNumber, this.#outgoing.sent)
      this.#outgoing.acknowledged(this.#acknowledged.total ?? 0)
    } else if (messageTypeId === MessageType.WindowAcknowledgementSize) {
      this.#window.setPeerWindow(parseWindowAcknowledgementSize(payload) ?? 0)
    } else if (messageTypeId === MessageType.SetPeerBandwidth) {
      const bandwidth = parseSetPeerBandwidth(payload)
      const window = bandwidth && this.#window.limit(bandwidth)
      if (window !== undefined && this.#answers) this.#announce(window)
    }
  }

  /** A message of ours was sent. */
  sent({ messageTypeId, payload }: RtmpMessage): void {
    if (messageTypeId !== MessageType.WindowAcknowledgementSize) return
    this.#window.announce(parseWindowAcknowledgementSize(payload) ?? 0)
  }

  stop(): void {
    clearImmediate(this.#lull)
  }

  #acknowledge(): void {
    if (!this.#window.isDue(this.#received) || !this.#answers) return
    this.#window.acknowledge(this.#received)
    this.#outgoing.send(acknowledgement(this.#received))
  }

  #announce(window: number): void {
    this.#outgoing.send(windowAcknowledgementSize(window))
    this.#window.announce(window)
  }

  get #answers(): boolean {
    return !this.#outgoing.held && this.#outgoing.queued <= maxQueuedForAnswers
  }
}
