import { timingSafeEqual } from 'node:crypto'
import { HmacSha256 } from '../crypto/hmac-sha256.ts'
import type { Endpoint } from '../wire/address.ts'

/** Some clients take no other length. */
const LENGTH = 64
const TIME = 8
/** Bytes that say that it is ours and how old it is; those behind them say whose. */
const OURS = 24
const SECRET = 32
/** How long a cookie is good, milliseconds (RFC 7016 §3.5.1.1.2: not less than 95 s). */
const LIFE = 120_000

/**
 * Proofs that an initiator receives what is sent to its address (RFC 7016 §3.5.1.1.2). Nothing is kept of those that were
 * given out. Secrets are replaced as soon as no good cookie can have been made with them.
 */
export class Cookies {
  readonly #randomBytes: (length: number) => Buffer
  #current: HmacSha256
  #before: HmacSha256
  #madeAt: number

  constructor(randomBytes: (length: number) => Buffer, now: number) {
    this.#randomBytes = randomBytes
    this.#current = this.#secret()
    this.#before = this.#current
    this.#madeAt = now
  }

  /** A cookie of 64 bytes for an address. */
  issue(to: Endpoint, now: number): Buffer {
    this.#rotate(now)
    const cookie = Buffer.alloc(LENGTH)
    cookie.writeDoubleBE(now)
    write(cookie, this.#current, to)
    return cookie
  }

  /** `mine` from the address that it was given to, `moved` from another one; undefined for what is forged or too old. */
  check(cookie: Buffer, from: Endpoint, now: number): 'mine' | 'moved' | undefined {
    this.#rotate(now)
    if (cookie.length !== LENGTH) return undefined
    const age = now - cookieTime(cookie)
    // Also what is no number is refused.
    if (!(age >= 0 && age <= LIFE)) return undefined
    for (const secret of [this.#current, this.#before]) {
      const expected = Buffer.from(cookie)
      write(expected, secret, from)
      if (!timingSafeEqual(expected.subarray(0, TIME + OURS), cookie.subarray(0, TIME + OURS))) continue
      return timingSafeEqual(expected, cookie) ? 'mine' : 'moved'
    }
    return undefined
  }

  #rotate(now: number): void {
    if (now - this.#madeAt < LIFE) return
    this.#before = now - this.#madeAt < 2 * LIFE ? this.#current : this.#secret()
    this.#current = this.#secret()
    this.#madeAt = now
  }

  #secret(): HmacSha256 {
    return new HmacSha256(this.#randomBytes(SECRET))
  }
}

/** When a cookie of ours was given out. */
export function cookieTime(cookie: Buffer): number {
  return cookie.readDoubleBE(0)
}

/** Everything behind the time. */
function write(cookie: Buffer, secret: HmacSha256, { address, port }: Endpoint): void {
  const time = cookie.subarray(0, TIME)
  secret.of(time).copy(cookie, TIME, 0, OURS)
  secret.of(Buffer.concat([time, Buffer.from(`${address} ${port}`)])).copy(cookie, TIME + OURS)
}
