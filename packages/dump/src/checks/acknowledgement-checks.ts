import {
  MessageType,
  parseAcknowledgement,
  parseWindowAcknowledgementSize,
  type RtmpMessage,
} from '@rtmpipe/chunk-stream'
import type { Complain } from '../complain.ts'

interface Sending {
  /** Bytes sent. */
  sent: number
  /** What the peer is to acknowledge; undefined until it is told. */
  window: number | undefined
  /** Bytes that were sent when the peer acknowledged last. */
  acknowledgedAt: number
  complained: boolean
}

/** Whether each side acknowledges what the other sends (RTMP 1.0 §5.4.3, §5.4.4). For captures of both directions. */
export class AcknowledgementChecks {
  readonly #sending = { client: begin(), server: begin() }

  check(from: 'client' | 'server', message: RtmpMessage, complain: Complain): void {
    const own = this.#sending[from]
    const peer = this.#sending[from === 'client' ? 'server' : 'client']
    if (message.messageTypeId === MessageType.WindowAcknowledgementSize) {
      own.window = parseWindowAcknowledgementSize(message.payload)
      own.acknowledgedAt = own.sent
    } else if (message.messageTypeId === MessageType.Acknowledgement) {
      const count = parseAcknowledgement(message.payload)
      // Modulo 2^32. Some count the handshake, some do not.
      if (count !== undefined && ((count - peer.sent) | 0) > 0) {
        complain('acknowledgement-beyond', `${count} bytes are acknowledged, ${peer.sent} were sent`)
      }
      peer.acknowledgedAt = peer.sent
      peer.complained = false
    }
    const { sent, window, acknowledgedAt, complained } = own
    const count = sent - acknowledgedAt
    if (window === undefined || window === 0 || complained || count <= 2 * window) return
    own.complained = true
    complain('acknowledgement-late', `${count} bytes are sent without an acknowledgement, the window is ${window}`)
  }

  /** Bytes that `from` has sent, the handshake included, messages complete or not. */
  sent(from: 'client' | 'server', count: number): void {
    this.#sending[from].sent = count
  }
}

function begin(): Sending {
  return { sent: 0, window: undefined, acknowledgedAt: 0, complained: false }
}
