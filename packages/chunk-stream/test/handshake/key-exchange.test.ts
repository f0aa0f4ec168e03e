import { getDiffieHellman } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { KeyExchange } from '../../src/handshake/key-exchange.ts'
import { bytes } from '../support/hex.ts'

const prime = BigInt(`0x${getDiffieHellman('modp2').getPrime('hex')}`)

function toBytes(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(256, '0'), 'hex')
}

function toNumber(value: Buffer): bigint {
  return BigInt(`0x${value.toString('hex')}`)
}

describe('KeyExchange', () => {
  it('has both sides come to one secret', () => {
    const client = new KeyExchange()
    const { publicKey, secret } = KeyExchange.answering(client.publicKey)
    expect(client.secret(publicKey)).toEqual(secret)
    expect(secret).toHaveLength(128)
  })

  it('works in the group of RFC 2409 §6.2', () => {
    // The peer's private key is 5, its public key 2^5.
    const { publicKey, secret } = KeyExchange.answering(toBytes(32n))
    expect(toNumber(secret)).toBe(toNumber(publicKey) ** 5n % prime)
  })

  it('never begins a public key or a secret with zero, which some peers lose', () => {
    const peer = new KeyExchange()
    for (let i = 0; i < 700; i++) {
      const { publicKey, secret } = KeyExchange.answering(peer.publicKey)
      expect([publicKey.length, secret.length]).toEqual([128, 128])
      expect(publicKey[0]).not.toBe(0)
      expect(secret[0]).not.toBe(0)
    }
  })

  it('has new keys every time', () => {
    expect(new KeyExchange().publicKey).not.toEqual(new KeyExchange().publicKey)
  })

  it.each([
    ['0', bytes(128, 0)],
    ['1', toBytes(1n)],
    ['p - 1', toBytes(prime - 1n)],
    ['p', toBytes(prime)],
    ['p + 1', toBytes(prime + 1n)],
    ['2^1024 - 1', bytes(128, 0xff)],
  ])('refuses %s as a public key', (_name, key) => {
    const refused = expect.objectContaining({ code: 'RTMP_ERR_HANDSHAKE_PUBLIC_KEY', layer: 'handshake' })
    expect(() => KeyExchange.answering(key)).toThrow(refused)
    expect(() => new KeyExchange().secret(key)).toThrow(refused)
  })

  it('takes the smallest and the largest that are left', () => {
    expect(new KeyExchange().secret(toBytes(2n))).toHaveLength(128)
    expect(new KeyExchange().secret(toBytes(prime - 2n))).toHaveLength(128)
  })
})
