import { FixedReader } from './fixed-reader.ts'
import type { Handshake, HandshakeStep } from './handshake.ts'
import { checkVersion, packetLength, plainVersion, randomPacket } from './packet.ts'

/**
 * The client's side of the simple handshake (RTMP 1.0 §5.2): C0 and C1, and C2 once S0, S1 and S2 are complete. C2 echoes
 * S1; S2 is not looked at.
 */
export class ClientHandshake implements Handshake {
  readonly #s0s1s2 = new FixedReader(1 + 2 * packetLength)

  start(): Buffer {
    return Buffer.concat([Buffer.of(plainVersion), randomPacket()])
  }

  /** @throws ProtocolError `RTMP_ERR_HANDSHAKE_VERSION` unless S0 is 3 */
  push(bytes: Buffer): HandshakeStep {
    const rest = this.#s0s1s2.push(bytes)
    if (this.#s0s1s2.filled > 0) checkVersion(this.#s0s1s2.bytes.readUInt8(0))
    if (!this.#s0s1s2.done) return { done: false, rest }
    return { reply: this.#s0s1s2.bytes.subarray(1, 1 + packetLength), done: true, rest }
  }
}
