import { Transform } from 'readable-stream'
import { ProtocolError } from '../errors.ts'
import type { Handshake } from './handshake.ts'
import type { StreamCipher } from './stream-ciphers.ts'

/** Options of {@link HandshakeStage}. */
export interface HandshakeStageOptions {
  /** Treat a peer that leaves during the handshake as a normal end; default false: `RTMP_ERR_HANDSHAKE_TRUNCATED`. */
  readonly allowTruncated?: boolean
}

/**
 * A byte Transform that goes through a handshake and then passes on what follows it. Emits `'handshake'` in between,
 * with the last {@link HandshakeStep}. After RTMPE it decrypts; its owner has to encrypt what is sent.
 *
 * Errors: those of the {@link Handshake}, and ProtocolError `RTMP_ERR_HANDSHAKE_TRUNCATED`.
 */
export class HandshakeStage extends Transform {
  readonly #handshake: Handshake
  readonly #reply: (bytes: Buffer) => void
  readonly #allowTruncated: boolean
  #done = false
  #cipher: StreamCipher | undefined

  /** @param reply sends bytes to the peer; called in the constructor already if the handshake has an opening */
  constructor(handshake: Handshake, reply: (bytes: Buffer) => void, options: HandshakeStageOptions = {}) {
    super()
    this.#handshake = handshake
    this.#reply = reply
    this.#allowTruncated = options.allowTruncated ?? false
    const opening = handshake.start()
    if (opening !== undefined) reply(opening)
  }

  override _transform(bytes: Buffer, _encoding: string, done: (error?: Error | null, bytes?: Buffer) => void): void {
    if (this.#done) return done(null, this.#decrypt(bytes))
    try {
      const step = this.#handshake.push(bytes)
      if (step.reply !== undefined) this.#reply(step.reply)
      if (step.done) {
        this.#done = true
        this.#cipher = step.ciphers?.incoming
        this.emit('handshake', step)
        if (step.rest.length > 0) this.push(this.#decrypt(step.rest))
      }
    } catch (error) {
      return done(error as Error)
    }
    done()
  }

  override _flush(done: (error?: Error | null) => void): void {
    if (this.#done || this.#allowTruncated) return done()
    done(new ProtocolError('handshake', 'RTMP_ERR_HANDSHAKE_TRUNCATED', 'the peer left during the handshake'))
  }

  #decrypt(bytes: Buffer): Buffer {
    return this.#cipher?.apply(bytes) ?? bytes
  }
}
