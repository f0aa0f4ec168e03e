import { FixedReader } from './fixed-reader.ts'
import type { Handshake, HandshakeStep } from './handshake.ts'
import { encryptedVersion, packetLength, plainVersion, xteaVersion } from './packet.ts'
import { checkOpening } from './wrong-protocol-error.ts'
import { answer, type ServerAnswer } from './server-answer.ts'

/** Options of {@link ServerHandshake}. */
export interface ServerHandshakeOptions {
  /**
   * Accept RTMPE too; default false. It protects nothing: the keys are not authenticated, and RC4 is broken. Whoever
   * drives the handshake must apply {@link HandshakeStep.ciphers}.
   */
  readonly rtmpe?: boolean
}

/**
 * The server's side of the handshake (RTMP 1.0 §5.2): simple, or by digest for clients that begin so, as Flash Player
 * and FFmpeg do.
 *
 * S0, S1 and S2 are sent together as soon as C1 is complete: widespread clients send nothing more before they have S2.
 * C2 is ignored, since many clients fill it with something other than an echo.
 */
export class ServerHandshake implements Handshake {
  readonly #versions: readonly number[]
  readonly #c0c1 = new FixedReader(1 + packetLength)
  #answer: ServerAnswer | undefined
  #answeredAt = 0
  #c2Remaining = packetLength

  constructor({ rtmpe = false }: ServerHandshakeOptions = {}) {
    this.#versions = rtmpe ? encrypted : plain
  }

  start(): undefined {}

  /**
   * @throws ProtocolError `RTMP_ERR_HANDSHAKE_VERSION` unless C0 is 3, or 6 or 8 with RTMPE; for those
   * `RTMP_ERR_HANDSHAKE_DIGEST` and `RTMP_ERR_HANDSHAKE_PUBLIC_KEY`
   */
  push(bytes: Buffer): HandshakeStep {
    const rest = this.#c0c1.push(bytes)
    const c0c1 = this.#c0c1.bytes
    if (this.#c0c1.filled > 0) checkOpening(c0c1.subarray(0, this.#c0c1.filled), this.#versions)
    if (!this.#c0c1.done) return { done: false, rest }

    const answered = this.#answer
    this.#answer ??= this.#reply(c0c1)
    const skipped = Math.min(this.#c2Remaining, rest.length)
    this.#c2Remaining -= skipped
    return {
      done: this.#c2Remaining === 0,
      rest: rest.subarray(skipped),
      ...(answered === undefined && { reply: this.#answer.reply }),
      ...(this.#c2Remaining === 0 && this.#outcome(this.#answer)),
    }
  }

  #reply(c0c1: Buffer): ServerAnswer {
    const reply = answer(c0c1.readUInt8(0), c0c1.subarray(1))
    this.#answeredAt = performance.now()
    return reply
  }

  #outcome({ ciphers, swfVerificationKey }: ServerAnswer): Partial<HandshakeStep> {
    return {
      roundTrip: performance.now() - this.#answeredAt,
      ...(ciphers && { ciphers }),
      ...(swfVerificationKey && { swfVerificationKey }),
    }
  }
}

const plain = [plainVersion]
const encrypted = [plainVersion, encryptedVersion, xteaVersion]
