import { randomBytes } from 'node:crypto'
import { ByteReader } from '../wire/byte-reader.ts'
import { encodeOption, readOptions } from '../wire/options.ts'
import { WireError } from '../wire/wire-error.ts'
import { type Certificate, groupAndKey, vlu, withGroup } from './certificate.ts'
import { type Group, type KeyPair, sharedSecret } from './diffie-hellman.ts'
import { hmacSha256 } from './hmac-sha256.ts'
import type { PacketProtection } from './packet-cipher.ts'

/** Options of keying components (RFC 7425 §4.5). */
const KeyingOption = {
  EphemeralPublicKey: 0x0d,
  ExtraRandomness: 0x0e,
  HmacNegotiation: 0x1a,
  GroupSelect: 0x1d,
  SequenceNegotiation: 0x1e,
} as const

const REQUESTS = 1
const SENDS_ON_REQUEST = 2
const SENDS = 4

const MAX_OPTIONS = 16
const RANDOMNESS = 64
const LEAST_RANDOMNESS = 16
const LEAST_HMAC = 4
const MOST_HMAC = 32
const AES_KEY = 16

/** What one end says of a protection that is negotiated (RFC 7425 §4.5.3, §4.5.4). */
export interface Negotiation {
  /** It will send it in any case. */
  readonly sends: boolean
  /** It will send it when asked. */
  readonly sendsOnRequest: boolean
  /** It wants the other end to send it. */
  readonly requests: boolean
}

/** What one end contributes to the keys of a session. */
export interface KeyingComponent {
  readonly bytes: Buffer
  readonly ephemeral: { readonly group: number; readonly publicKey: Buffer } | undefined
  /** What a static initiator chooses among the groups of the other end. */
  readonly selectedGroup: number | undefined
  readonly hmac: Negotiation
  /** Bytes of the HMAC that it would send. */
  readonly hmacLength: number
  readonly sequence: Negotiation
}

const none: Negotiation = { sends: false, sendsOnRequest: false, requests: false }

/** @throws WireError for what is none */
export function parseKeying(bytes: Buffer): KeyingComponent {
  let ephemeral: KeyingComponent['ephemeral']
  let selectedGroup: number | undefined
  let [hmac, sequence] = [none, none]
  let hmacLength = 0
  for (const { type, value } of readOptions(bytes, MAX_OPTIONS)) {
    const reader = new ByteReader(value)
    if (type === KeyingOption.EphemeralPublicKey) {
      if (ephemeral !== undefined) throw new WireError('two public keys')
      const [group, publicKey] = groupAndKey(value)
      ephemeral = { group, publicKey }
    } else if (type === KeyingOption.GroupSelect) {
      if (selectedGroup !== undefined) throw new WireError('two groups')
      selectedGroup = reader.vlu()
    } else if (type === KeyingOption.HmacNegotiation) {
      hmac = negotiationOf(reader.u8())
      hmacLength = reader.vlu()
    } else if (type === KeyingOption.SequenceNegotiation) sequence = negotiationOf(reader.u8())
  }
  const isHmacSent = hmac.sends || hmac.sendsOnRequest
  if (isHmacSent && (hmacLength < LEAST_HMAC || hmacLength > MOST_HMAC))
    throw new WireError(`an HMAC of ${hmacLength} bytes`)
  return { bytes, ephemeral, selectedGroup, hmac, hmacLength, sequence }
}

function negotiationOf(flags: number): Negotiation {
  return {
    sends: (flags & SENDS) !== 0,
    sendsOnRequest: (flags & SENDS_ON_REQUEST) !== 0,
    requests: (flags & REQUESTS) !== 0,
  }
}

function flagsOf({ sends, sendsOnRequest, requests }: Negotiation): number {
  return (sends ? SENDS : 0) | (sendsOnRequest ? SENDS_ON_REQUEST : 0) | (requests ? REQUESTS : 0)
}

/** What one end wants of the protection of packets. */
export interface WantedProtection {
  readonly hmac: Negotiation
  readonly hmacLength: number
  readonly sequence: Negotiation
}

/** Bytes of the HMAC that we send. */
export const HMAC_LENGTH = 10

const always: Negotiation = { sends: true, sendsOnRequest: true, requests: true }

/** What an end wants that talks with nobody without it. */
export const requiredProtection: WantedProtection = { hmac: always, hmacLength: HMAC_LENGTH, sequence: always }

function negotiations({ hmac, hmacLength, sequence }: WantedProtection): Buffer[] {
  const length = hmac.sends || hmac.sendsOnRequest ? hmacLength : 0
  return [
    encodeOption(KeyingOption.HmacNegotiation, Buffer.concat([Buffer.of(flagsOf(hmac)), vlu(length)])),
    encodeOption(KeyingOption.SequenceNegotiation, Buffer.of(flagsOf(sequence))),
  ]
}

/** A static initiator's component: its key is in its certificate. In the order in which Flash Player writes it. */
export function staticInitiatorKeying(
  group: Group,
  wanted: WantedProtection,
  randomness: Buffer = randomBytes(RANDOMNESS),
): Buffer {
  return Buffer.concat([
    encodeOption(KeyingOption.GroupSelect, vlu(group)),
    encodeOption(KeyingOption.ExtraRandomness, randomness),
    ...negotiations(wanted),
  ])
}

/** The component of an ephemeral initiator. */
export function ephemeralInitiatorKeying({ group, publicKey }: KeyPair, wanted: WantedProtection): Buffer {
  return Buffer.concat([
    encodeOption(KeyingOption.EphemeralPublicKey, withGroup(group, publicKey)),
    ...negotiations(wanted),
  ])
}

/** The component of an ephemeral responder. Some clients find these options by their places only. */
export function ephemeralResponderKeying({ group, publicKey }: KeyPair, wanted: WantedProtection): Buffer {
  return Buffer.concat([
    ...negotiations(wanted),
    encodeOption(KeyingOption.EphemeralPublicKey, withGroup(group, publicKey)),
  ])
}

/** The component of a static responder. */
export function staticResponderKeying(wanted: WantedProtection, randomness: Buffer = randomBytes(RANDOMNESS)): Buffer {
  return Buffer.concat([...negotiations(wanted), encodeOption(KeyingOption.ExtraRandomness, randomness)])
}

/** Randomness that a static end has to bring: the only thing that makes its sessions differ. */
export function hasRandomness(bytes: Buffer): boolean {
  return readOptions(bytes, MAX_OPTIONS).some(
    ({ type, value }) => type === KeyingOption.ExtraRandomness && value.length >= LEAST_RANDOMNESS,
  )
}

/** True of a direction in which the sender will protect its packets so. */
export function isAgreed(sender: Negotiation, receiver: Negotiation): boolean {
  return sender.sends || (sender.sendsOnRequest && receiver.requests)
}

/** One end of a key agreement. */
export interface KeyingEnd {
  readonly certificate: Certificate
  readonly component: KeyingComponent
}

/** The public key that `end` uses in a group; undefined where it has none there. */
export function publicKeyOf({ certificate, component }: KeyingEnd, group: Group): Buffer | undefined {
  if (certificate.staticKeys.size > 0) return certificate.staticKeys.get(group)
  return component.ephemeral?.group === group ? component.ephemeral.publicKey : undefined
}

/** Keys of an open session, of one end. */
export interface SessionKeys {
  readonly sending: PacketProtection
  readonly receiving: PacketProtection
  /** Known to both ends and nobody else: for challenges of applications. The far end has them the other way round. */
  readonly nearNonce: Buffer
  readonly farNonce: Buffer
}

/**
 * Agrees on the keys of a session (RFC 7425 §4.6). Undefined when the far key is none, or gives the secret away.
 *
 * @param near our component, as it was sent
 */
export function agree(pair: KeyPair, near: KeyingComponent, far: KeyingEnd): SessionKeys | undefined {
  const farKey = publicKeyOf(far, pair.group)
  const secret = farKey && sharedSecret(pair, farKey)
  if (secret === undefined) return undefined
  const [sknc, skfc] = [near.bytes, far.component.bytes]
  const encryptKey = hmacSha256(secret, hmacSha256(skfc, sknc))
  const decryptKey = hmacSha256(secret, hmacSha256(sknc, skfc))
  return {
    sending: protection(secret, encryptKey, near, far.component),
    receiving: protection(secret, decryptKey, far.component, near),
    nearNonce: hmacSha256(secret, sknc),
    farNonce: hmacSha256(secret, skfc),
  }
}

/** Whether packets are authenticated and numbered, both ways. */
export function isProtected({ sending, receiving }: SessionKeys): boolean {
  return [sending, receiving].every(({ hmac, isNumbered }) => hmac !== undefined && isNumbered)
}

function protection(secret: Buffer, key: Buffer, sender: KeyingComponent, receiver: KeyingComponent): PacketProtection {
  return {
    aesKey: key.subarray(0, AES_KEY),
    ...(isAgreed(sender.hmac, receiver.hmac) && {
      hmac: { key: hmacSha256(secret, key), length: sender.hmacLength },
    }),
    isNumbered: isAgreed(sender.sequence, receiver.sequence),
  }
}
