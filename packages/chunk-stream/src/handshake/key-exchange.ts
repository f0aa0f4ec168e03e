import { createDiffieHellman, type DiffieHellman, randomBytes } from '#crypto'
import { ProtocolError } from '../errors.ts'

/** Bytes of a public key and of the secret. */
export const keyLength = 128

/** RFC 2409 §6.2, the 1024-bit group. */
const prime = Buffer.from(
  'ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404ddef9519b3cd3a431b' +
    '302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe6' +
    '49286651ece65381ffffffffffffffff',
  'hex',
)
const generator = Buffer.of(2)

/**
 * Bytes of a private key: twice the security of the group. A key shorter than the prime makes the exchange four times
 * as fast.
 */
const privateLength = 32

const one = Buffer.alloc(keyLength)
one[keyLength - 1] = 1
/** The prime less one. */
const last = Buffer.from(prime)
last[keyLength - 1] = 0xfe

/** Shared by all exchanges and made for the first one: checking the group takes some 50 ms. */
let group: DiffieHellman | undefined

/** One side's keys of an anonymous Diffie-Hellman exchange. */
export class KeyExchange {
  readonly publicKey: Buffer
  readonly #privateKey: Buffer

  /** Public keys that begin with a zero byte are not used: some peers drop the zero. */
  constructor() {
    do {
      this.#privateKey = randomBytes(privateLength)
      this.publicKey = power(generator, this.#privateKey)
    } while (this.publicKey[0] === 0)
  }

  /**
   * The answer to a peer's public key, such that the secret does not begin with a zero either.
   *
   * @throws ProtocolError see {@link KeyExchange.secret}
   */
  static answering(peerKey: Buffer): { readonly publicKey: Buffer; readonly secret: Buffer } {
    for (;;) {
      const exchange = new KeyExchange()
      const secret = exchange.secret(peerKey)
      if (secret[0] !== 0) return { publicKey: exchange.publicKey, secret }
    }
  }

  /** @throws ProtocolError `RTMP_ERR_HANDSHAKE_PUBLIC_KEY` for a peer's key that would make the secret a known one */
  secret(peerKey: Buffer): Buffer {
    if (peerKey.compare(one) <= 0 || peerKey.compare(last) >= 0) {
      throw new ProtocolError(
        'handshake',
        'RTMP_ERR_HANDSHAKE_PUBLIC_KEY',
        "the peer's public key is not in 2..p-2 of the group",
      )
    }
    return power(peerKey, this.#privateKey)
  }
}

function power(base: Buffer, exponent: Buffer): Buffer {
  group ??= createDiffieHellman(prime, generator)
  group.setPrivateKey(exponent)
  return group.computeSecret(base)
}
