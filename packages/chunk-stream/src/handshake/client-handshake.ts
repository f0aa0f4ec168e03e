import { answerDigest, answerEncrypted, digestOpening, rtmpeOpening } from '#handshakes'
import { ProtocolError } from '../errors.ts'
import type { ClientAnswer } from './client-answer.ts'
import { type ClientOpening, simpleOpening } from './client-opening.ts'
import { FixedReader } from './fixed-reader.ts'
import type { Handshake, HandshakeStep } from './handshake.ts'
import { checkVersion, encryptedVersion, packetLength, plainVersion, xteaVersion } from './packet.ts'

/** How a client introduces itself, see {@link ClientHandshake}. */
export type ClientHandshakeType = 'simple' | 'digest' | 'rtmpe'

/** Options of {@link ClientHandshake}. */
export interface ClientHandshakeOptions {
  /** Default `simple`, which every server takes. */
  readonly type?: ClientHandshakeType
}

const openings: Record<ClientHandshakeType, () => ClientOpening> = {
  simple: simpleOpening,
  digest: digestOpening,
  rtmpe: rtmpeOpening,
}

/**
 * The client's side of the handshake (RTMP 1.0 §5.2): C0 and C1, and C2 once S0, S1 and S2 are complete.
 *
 * - `simple`: C2 echoes S1; S2 is not looked at.
 * - `digest`: as Flash Player does it. A server that answers without a digest is accepted as well.
 * - `rtmpe`: encrypted; fails if the server does not encrypt. The server's digest and signature must be right, which
 *   proves nothing, because their keys are published. Whoever drives the handshake must apply
 *   {@link HandshakeStep.ciphers}.
 */
export class ClientHandshake implements Handshake {
  readonly #type: ClientHandshakeType
  readonly #opening: ClientOpening
  readonly #s0s1s2 = new FixedReader(1 + 2 * packetLength)
  #startedAt = 0

  constructor({ type = 'simple' }: ClientHandshakeOptions = {}) {
    this.#type = type
    this.#opening = openings[type]()
  }

  start(): Buffer {
    this.#startedAt = performance.now()
    const { c0, c1 } = this.#opening
    return Buffer.concat([Buffer.of(c0), c1])
  }

  /**
   * @throws ProtocolError `RTMP_ERR_HANDSHAKE_VERSION` unless S0 is 3, or 6 or 8 for RTMPE; for that also
   * `RTMP_ERR_HANDSHAKE_NOT_ENCRYPTED`, `RTMP_ERR_HANDSHAKE_DIGEST` and `RTMP_ERR_HANDSHAKE_PUBLIC_KEY`
   */
  push(bytes: Buffer): HandshakeStep {
    const rest = this.#s0s1s2.push(bytes)
    if (this.#s0s1s2.filled > 0) this.#checkVersion(this.#s0s1s2.bytes.readUInt8(0))
    if (!this.#s0s1s2.done) return { done: false, rest }
    return { ...this.#answer(this.#s0s1s2.bytes), done: true, rest, roundTrip: performance.now() - this.#startedAt }
  }

  #checkVersion(version: number): void {
    if (this.#type !== 'rtmpe') return checkVersion(version, [plainVersion])
    if (version === plainVersion) {
      throw new ProtocolError(
        'handshake',
        'RTMP_ERR_HANDSHAKE_NOT_ENCRYPTED',
        'asked for RTMPE, the server answered without encryption',
      )
    }
    checkVersion(version, [encryptedVersion, xteaVersion])
  }

  #answer(s0s1s2: Buffer): ClientAnswer {
    const s1 = s0s1s2.subarray(1, 1 + packetLength)
    const s2 = s0s1s2.subarray(1 + packetLength)
    const { digest, exchange } = this.#opening
    if (digest === undefined) return { reply: s1 }
    if (exchange === undefined) return answerDigest(s1)
    return answerEncrypted(s0s1s2.readUInt8(0), s1, s2, digest, exchange)
  }
}
