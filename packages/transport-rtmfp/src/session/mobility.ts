import { timingSafeEqual } from 'node:crypto'
import { HmacSha256 } from '../crypto/hmac-sha256.ts'
import type { Endpoint } from '../wire/address.ts'

/** Tells answers to our question from those to others' pings: nothing else begins with it and has this length. */
const MARK = 0x4d
const TIME = 8
const HMAC = 32
const LENGTH: number = 1 + TIME + HMAC
/** A new question at most as often, milliseconds. */
const LEAST_PERIOD = 1_000
/** One question may be lost, and nothing else would be sent to an end that only listens. */
const ATTEMPTS = 3
/** With those that could not be sent, as too little has come from there. */
const TRIES = 8
const REPEAT = 250
const LONGEST = 120_000

/** Asks an address from which a packet came whether the far end is really there (RFC 7016 §3.5.4.2). */
export class AddressCheck {
  readonly #hmac: HmacSha256
  #asked: Endpoint | undefined
  #askedAt = Number.NEGATIVE_INFINITY
  #attempts = 0
  #tries = 0
  #acceptedAt = Number.NEGATIVE_INFINITY

  /** @param secret known to nobody else, 32 random bytes */
  constructor(secret: Buffer) {
    this.#hmac = new HmacSha256(secret)
  }

  /** When {@link question} has something to ask again. */
  get deadline(): number {
    return this.#asked === undefined ? Number.POSITIVE_INFINITY : this.#askedAt + REPEAT
  }

  /** A packet has come from another address. */
  begin(from: Endpoint, now: number): void {
    if (now - this.#askedAt < LEAST_PERIOD) return
    this.#asked = from
    this.#attempts = 0
    this.#tries = 0
    this.#askedAt = now - REPEAT
  }

  /** The address that is to be asked now, if one is. */
  due(now: number): Endpoint | undefined {
    if (this.#asked === undefined || now - this.#askedAt < REPEAT) return undefined
    const asked = this.#asked
    this.#askedAt = now
    this.#tries += 1
    if (this.#tries >= TRIES) this.#asked = undefined
    return asked
  }

  /** The question was sent. */
  sent(): void {
    this.#attempts += 1
    if (this.#attempts >= ATTEMPTS) this.#asked = undefined
  }

  /** What it is asked. */
  question(address: Endpoint, now: number): Buffer {
    const message = Buffer.alloc(LENGTH)
    message[0] = MARK
    message.writeDoubleBE(now, 1)
    this.#hash(message.subarray(1, 1 + TIME), address).copy(message, 1 + TIME)
    return message
  }

  /** Whether that answers a question to this address, newer than any answered before. */
  accepts(message: Buffer, from: Endpoint, now: number): boolean {
    if (message.length !== LENGTH || message[0] !== MARK) return false
    const expected = this.#hash(message.subarray(1, 1 + TIME), from)
    if (!timingSafeEqual(expected, message.subarray(1 + TIME))) return false
    const askedAt = message.readDoubleBE(1)
    if (now - askedAt > LONGEST || askedAt <= this.#acceptedAt) return false
    this.#acceptedAt = askedAt
    this.#asked = undefined
    return true
  }

  #hash(time: Buffer, { address, port }: Endpoint): Buffer {
    return this.#hmac.of(Buffer.concat([time, Buffer.from(`${address} ${port}`)]))
  }
}

export function isSameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.port === b.port && a.address === b.address
}
