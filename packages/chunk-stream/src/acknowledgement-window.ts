import { BandwidthLimitType, type PeerBandwidth } from './protocol-control.ts'

/** Bytes after which we acknowledge as long as the peer has not announced a window. */
const unannouncedInterval = 1024 * 1024
/** A smaller one is treated as this: the peer does not decide how many acknowledgements it gets. */
const smallestWindow = 64 * 1024

/**
 * Decides when a connection has to acknowledge, and knows the window that the peer has set for us (RTMP 1.0 §5.4.3 to
 * §5.4.5).
 */
export class AcknowledgementWindow {
  #interval = unannouncedInterval
  #acknowledged = 0
  /** Our own window, as announced last. */
  #announced: number | undefined
  #hard = false

  /** True if an Acknowledgement of `bytesReceived` is due. */
  isDue(bytesReceived: number): boolean {
    return bytesReceived - this.#acknowledged >= this.#interval
  }

  /** An Acknowledgement of `bytesReceived` was sent. */
  acknowledge(bytesReceived: number): void {
    this.#acknowledged = bytesReceived
  }

  /**
   * The peer's Window Acknowledgement Size. Half of it is the interval: some peers stop when a whole window is
   * outstanding.
   */
  setPeerWindow(size: number): void {
    if (size > 0) this.#interval = Math.max(size, smallestWindow) / 2
  }

  /** A Window Acknowledgement Size of ours was sent. */
  announce(size: number): void {
    this.#announced = size
  }

  /**
   * The peer's Set Peer Bandwidth: the window to announce in answer, or undefined if nothing changes. We never stop
   * sending because of it: many peers never acknowledge, and TCP limits better.
   */
  limit({ size, limitType }: PeerBandwidth): number | undefined {
    if (limitType === BandwidthLimitType.Dynamic && !this.#hard) return undefined
    this.#hard = limitType !== BandwidthLimitType.Soft
    const window = this.#hard ? size : Math.min(size, this.#announced ?? size)
    return window === 0 || window === this.#announced ? undefined : window
  }
}
