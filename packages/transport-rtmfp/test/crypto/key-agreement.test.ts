import { describe, expect, it } from 'vitest'
import {
  compareCertificates,
  ephemeralCertificate,
  parseCertificate,
  staticCertificate,
} from '../../src/crypto/certificate.ts'
import { type Group, makeKeyPair, sharedSecret } from '../../src/crypto/diffie-hellman.ts'
import {
  discriminatorOfPeer,
  discriminatorOfUrl,
  parseDiscriminator,
  selects,
} from '../../src/crypto/endpoint-discriminator.ts'
import { agree, ephemeralResponderKeying, parseKeying, staticInitiatorKeying } from '../../src/crypto/keying.ts'
import { encodeOption } from '../../src/wire/options.ts'
import { WireError } from '../../src/wire/wire-error.ts'
import { bytes, vectors } from '../vectors/vectors.ts'

const hexOf = (value: Buffer | undefined) => value?.toString('hex')
const off = { sends: false, sendsOnRequest: false, requests: false }

describe.each(vectors.keyAgreement.cases)('$name', one => {
  const group = one.group as Group
  const initiator = makeKeyPair(group, bytes(one.initiatorPrivate))
  const responder = makeKeyPair(group, bytes(one.responderPrivate))
  const near = {
    certificate: parseCertificate(bytes(one.initiatorCertificate)),
    component: parseKeying(bytes(one.skic)),
  }
  const far = {
    certificate: parseCertificate(bytes(one.responderCertificate)),
    component: parseKeying(bytes(one.skrc)),
  }

  it('public keys and secret', () => {
    expect(hexOf(initiator.publicKey)).toBe(one.initiatorPublic)
    expect(hexOf(responder.publicKey)).toBe(one.responderPublic)
    expect(hexOf(sharedSecret(initiator, responder.publicKey))).toBe(one.dhSecret)
  })

  it('fingerprints', () => {
    expect(hexOf(near.certificate.fingerprint)).toBe(one.initiatorFingerprint)
    expect(hexOf(far.certificate.fingerprint)).toBe(one.responderFingerprint)
    expect(hexOf(discriminatorOfPeer(near.certificate.fingerprint))).toBe(one.initiatorCanonicalEpd)
  })

  it('keys of both ends', () => {
    const ours = agree(initiator, near.component, far)
    const theirs = agree(responder, far.component, near)
    expect(hexOf(ours?.sending.aesKey)).toBe(one.aesInitiatorToResponder)
    expect(hexOf(ours?.receiving.aesKey)).toBe(one.aesResponderToInitiator)
    expect(hexOf(ours?.nearNonce)).toBe(one.initiatorNearNonce)
    expect(hexOf(ours?.farNonce)).toBe(one.initiatorFarNonce)
    for (const [direction, key] of [
      [ours?.sending, one.hmacInitiatorToResponder],
      [ours?.receiving, one.hmacResponderToInitiator],
    ] as const)
      if (direction?.hmac !== undefined) expect(hexOf(direction.hmac.key)).toBe(key)
    expect(theirs).toEqual({
      sending: ours?.receiving,
      receiving: ours?.sending,
      nearNonce: ours?.farNonce,
      farNonce: ours?.nearNonce,
    })
  })

  it('says of its protection what its name says', () => {
    const isRequired = one.name.includes('required by both')
    const keys = agree(initiator, near.component, far)
    if (isRequired) expect([keys?.sending.isNumbered, keys?.sending.hmac?.length]).toEqual([true, 16])
    if (one.name.includes('nothing required'))
      expect([keys?.sending.isNumbered, keys?.sending.hmac]).toEqual([false, undefined])
  })
})

describe('shapes that some clients find by their places', () => {
  const [flash] = vectors.keyAgreement.cases
  const pair = makeKeyPair(2, bytes(flash?.responderPrivate ?? ''))
  const randomness = bytes(flash?.skic ?? '').subarray(5, 69)

  it('Flash Player’s component and certificate', () => {
    const wanted = {
      hmac: { ...off, sendsOnRequest: true },
      hmacLength: 10,
      sequence: { ...off, sendsOnRequest: true },
    }
    expect(hexOf(staticInitiatorKeying(2, wanted, randomness))).toBe(flash?.skic)
    const own = makeKeyPair(2, bytes(flash?.initiatorPrivate ?? ''))
    expect(hexOf(staticCertificate([own]).bytes)).toBe(flash?.initiatorCertificate)
  })

  it('the answer to it, of 139 bytes', () => {
    const answer = ephemeralResponderKeying(pair, { hmac: off, hmacLength: 16, sequence: off })
    expect(hexOf(answer)).toBe(flash?.skrc)
    expect(answer).toHaveLength(139)
  })

  it('a server’s certificate', () => {
    const certificate = parseCertificate(bytes(flash?.responderCertificate ?? ''))
    expect(hexOf(ephemeralCertificate([14, 2], certificate.bytes.subarray(-64)).bytes)).toBe(
      flash?.responderCertificate,
    )
    expect(certificate).toMatchObject({ ephemeralGroups: [14, 2], acceptsAncillaryData: true })
  })
})

describe('secrets and keys that are none', () => {
  const { leadingZero, badPublicKeys } = vectors

  it('leading zeros are left out', () => {
    const pair = makeKeyPair(2, bytes(leadingZero.privateKey))
    expect(hexOf(sharedSecret(pair, bytes(leadingZero.otherPublic)))).toBe(leadingZero.dhSecret)
    const { privateKey, publicKey } = leadingZero.shortPublic
    expect(hexOf(makeKeyPair(2, bytes(privateKey)).publicKey)).toBe(publicKey)
  })

  it.each(badPublicKeys.reject)('$why', ({ hex }) => {
    expect(sharedSecret(makeKeyPair(2), bytes(hex))).toBeUndefined()
  })

  it.each(badPublicKeys.accept)('$hex is one', ({ hex }) => {
    expect(sharedSecret(makeKeyPair(2), bytes(hex))).toBeDefined()
  })

  it('a key beyond the prime is none', () => {
    expect(sharedSecret(makeKeyPair(2), Buffer.alloc(129, 0x55))).toBeUndefined()
  })
})

describe('certificates that are none', () => {
  const supports = encodeOption(0x15, Buffer.of(14))
  const key = encodeOption(0x1d, Buffer.concat([Buffer.of(2), Buffer.alloc(128, 5)]))
  it.each([
    ['neither static nor ephemeral', Buffer.of()],
    ['both', Buffer.concat([supports, key])],
    ['of two hosts', Buffer.concat([supports, encodeOption(0, Buffer.from('a')), encodeOption(0, Buffer.from('b'))])],
    ['cut off', supports.subarray(0, -1)],
    ['too long', Buffer.concat(Array.from({ length: 40 }, () => supports))],
  ])('%s', (_, bytes) => {
    expect(() => parseCertificate(bytes)).toThrow(WireError)
  })

  it('what stands behind the marker is not signed for, and changes no fingerprint', () => {
    const rest = Buffer.concat([Buffer.of(0), encodeOption(0x0e, Buffer.alloc(16, 1))])
    expect(parseCertificate(Buffer.concat([supports, rest])).fingerprint).toEqual(
      parseCertificate(supports).fingerprint,
    )
  })
})

describe('whom a discriminator selects', () => {
  const server = ephemeralCertificate([14])
  const named = parseCertificate(
    Buffer.concat([encodeOption(0, Buffer.from('host')), encodeOption(0x15, Buffer.of(14))]),
  )
  const client = staticCertificate([makeKeyPair(2)])
  const url = discriminatorOfUrl('rtmfp://host/app')
  const host = encodeOption(0, Buffer.from('host'))
  it.each([
    ['a URL', url, server, true],
    ['a URL, and ancillary data is not accepted', url, client, false],
    ['its fingerprint', discriminatorOfPeer(client.fingerprint), client, true],
    ['another fingerprint', discriminatorOfPeer(client.fingerprint), server, false],
    ['its host', host, named, true],
    ['its host and a URL, which it does not accept', Buffer.concat([host, url]), named, false],
    ['a host', host, server, false],
    ['nothing', Buffer.of(), server, false],
  ])('%s', (_, discriminator, certificate, expected) => {
    expect(selects(parseDiscriminator(discriminator), certificate)).toBe(expected)
  })

  it('says nothing twice, and has fingerprints of 32 bytes', () => {
    expect(() => parseDiscriminator(Buffer.concat([host, host]))).toThrow(WireError)
    expect(() => parseDiscriminator(encodeOption(0x0f, Buffer.alloc(31)))).toThrow(WireError)
  })
})

it('of two that begin at once, the smaller certificate stays', () => {
  const [left, right] = [ephemeralCertificate([2], Buffer.alloc(64, 1)), ephemeralCertificate([2], Buffer.alloc(64, 2))]
  expect(Math.sign(compareCertificates(left, right))).toBe(-1)
  expect(compareCertificates(left, left)).toBe(0)
})
