/** Some peers start to count from 0 again above this. */
const restartMark = 0xf0000000

/**
 * How much of what we sent the peer has acknowledged (RTMP 1.0 §5.4.3), past 4 GiB too. Sequence numbers wrap at 2^32,
 * at 2^31, or begin anew beyond 0xF0000000, and count the handshake or not: peers differ, so this is an estimate,
 * though never more than was sent.
 */
export class AcknowledgedBytes {
  #sequenceNumber = 0
  #total: number | undefined

  /** Bytes; undefined before the first Acknowledgement. */
  get total(): number | undefined {
    return this.#total
  }

  /**
   * An Acknowledgement was received. One of more than was sent is ignored.
   *
   * @param sent bytes sent so far
   */
  acknowledge(sequenceNumber: number, sent: number): void {
    const total = this.#total ?? 0
    const last = this.#sequenceNumber
    const advance = [
      (sequenceNumber - last) >>> 0,
      (sequenceNumber - last) & 0x7fffffff,
      Math.max(restartMark - last, 0) + sequenceNumber,
    ].find(bytes => total + bytes <= sent)
    if (advance === undefined) return
    this.#sequenceNumber = sequenceNumber
    this.#total = total + advance
  }
}
