import { createHmac, randomBytes } from 'node:crypto'
import { isSameSecret } from '../../secrets.ts'

/** A challenge to a client. */
export interface Challenge {
  /** Names it, tells when it ends, and is signed. */
  readonly id: string
  readonly salt: string
  /** When it ends, by the clock of `Date.now()`. */
  readonly end: number
}

/** How challenges are made. */
export interface ChallengeOptions {
  /** Milliseconds a client has for its answer. */
  readonly timeout: number
  /** Signs challenges: whoever has the same secret knows them again. */
  readonly secret: string
}

// An id is the time of its end, random bytes and a signature, in base64url without padding: a multiple of three bytes,
// so that a text has one form only. FFmpeg has 255 characters for a description that has the id twice.
const [timeLength, nonceLength, signatureLength, saltLength] = [6, 9, 15, 6]
const bodyLength = timeLength + nonceLength
/** Characters of an id. */
const idLength = ((bodyLength + signatureLength) / 3) * 4

/** Challenges that need not be kept: the signature says that one is ours, and the time in it whether it is too old. */
export class Challenges {
  readonly #options: ChallengeOptions
  readonly #now: () => number

  /** @param now a clock that all who have the secret share */
  constructor(options: ChallengeOptions, now: () => number = () => Date.now()) {
    this.#options = options
    this.#now = now
  }

  issue(): Challenge {
    const end = Math.ceil(this.#now() + this.#options.timeout)
    const time = Buffer.alloc(timeLength)
    time.writeUIntBE(end, 0, timeLength)
    return this.#challenge(Buffer.concat([time, randomBytes(nonceLength)]), end)
  }

  /** The challenge of an id; undefined for one that was not issued with this secret, or has expired. */
  find(id: string): Challenge | undefined {
    if (id.length !== idLength) return undefined
    const body = Buffer.from(id, 'base64url').subarray(0, bodyLength)
    if (body.length !== bodyLength) return undefined
    const challenge = this.#challenge(body, body.readUIntBE(0, timeLength))
    const rest = challenge.end - this.#now()
    return isSameSecret(challenge.id, id) && rest > 0 && rest <= this.#options.timeout + 1 ? challenge : undefined
  }

  #challenge(body: Buffer, end: number): Challenge {
    const digest = createHmac('sha256', this.#options.secret).update(body).digest()
    const id = Buffer.concat([body, digest.subarray(0, signatureLength)]).toString('base64url')
    const salt = digest.subarray(signatureLength, signatureLength + saltLength).toString('base64url')
    return { id, salt, end }
  }
}
