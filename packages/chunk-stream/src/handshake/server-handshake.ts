import { FixedReader } from './fixed-reader.ts'
import type { Handshake, HandshakeStep } from './handshake.ts'
import { checkVersion, packetLength, plainVersion, randomPacket } from './packet.ts'

/**
 * The server's side of the simple handshake (RTMP 1.0 §5.2).
 *
 * S0, S1 and S2 are sent together as soon as C1 is complete: widespread clients send nothing more before they have S2. C2
 * is not looked at, since many clients fill it with something else than an echo.
 */
export class ServerHandshake implements Handshake {
  readonly #c0c1 = new FixedReader(1 + packetLength)
  #c2Remaining = packetLength

  start(): undefined {}

  /** @throws ProtocolError `RTMP_ERR_HANDSHAKE_VERSION` unless C0 is 3 */
  push(bytes: Buffer): HandshakeStep {
    const answered = this.#c0c1.done
    const rest = this.#c0c1.push(bytes)
    if (this.#c0c1.filled > 0) checkVersion(this.#c0c1.bytes.readUInt8(0))
    if (!this.#c0c1.done) return { done: false, rest }

    const skipped = Math.min(this.#c2Remaining, rest.length)
    this.#c2Remaining -= skipped
    const step = { done: this.#c2Remaining === 0, rest: rest.subarray(skipped) }
    return answered ? step : { ...step, reply: this.#reply() }
  }

  #reply(): Buffer {
    return Buffer.concat([Buffer.of(plainVersion), randomPacket(), this.#c0c1.bytes.subarray(1)])
  }
}
