import { hash, createHash, randomBytes } from 'node:crypto'
import { ByteReader } from '../wire/byte-reader.ts'
import { encodeOption, type Option, readOption } from '../wire/options.ts'
import { ByteWriter } from '../wire/byte-writer.ts'
import { WireError } from '../wire/wire-error.ts'
import { vluLength, writeVlu } from '../wire/vlu.ts'
import type { Group, KeyPair } from './diffie-hellman.ts'

/** Options of certificates (RFC 7425 §4.3.3). */
const CertificateOption = {
  Hostname: 0x00,
  AcceptsAncillaryData: 0x0a,
  ExtraRandomness: 0x0e,
  SupportedGroup: 0x15,
  StaticPublicKey: 0x1d,
} as const

const RANDOMNESS = 64
const MAX_OPTIONS = 32

/** Who an endpoint is (RFC 7425 §4.3): any is authentic, a static one is proved by the session's working. */
export interface Certificate {
  readonly bytes: Buffer
  /** SHA-256 of its canonical section: the peer id. */
  readonly fingerprint: Buffer
  readonly hostname: Buffer | undefined
  readonly acceptsAncillaryData: boolean
  /** Groups that it makes new keys in, best first; empty for a static one. */
  readonly ephemeralGroups: readonly number[]
  /** Public keys by group; empty for an ephemeral one. */
  readonly staticKeys: ReadonlyMap<number, Buffer>
}

/** Reads a certificate. @throws WireError for what is none, and for one that is both static and ephemeral, or neither */
export function parseCertificate(bytes: Buffer): Certificate {
  const reader = new ByteReader(bytes)
  const canonical: Option[] = []
  let end = bytes.length
  for (let count = 0; reader.left > 0; ) {
    const start = reader.position
    const option = readOption(reader)
    if (option === undefined) {
      end = Math.min(end, start)
      continue
    }
    if ((count += 1) > MAX_OPTIONS) throw new WireError(`a certificate of more than ${MAX_OPTIONS} options`)
    if (end === bytes.length) canonical.push(option)
  }
  const named = canonical.filter(({ type }) => type === CertificateOption.Hostname)
  if (named.length > 1) throw new WireError('a certificate of two hosts')
  const ephemeralGroups = canonical
    .filter(({ type }) => type === CertificateOption.SupportedGroup)
    .map(({ value }) => new ByteReader(value).vlu())
  const staticKeys = new Map(
    canonical.filter(({ type }) => type === CertificateOption.StaticPublicKey).map(({ value }) => groupAndKey(value)),
  )
  if ((ephemeralGroups.length === 0) === (staticKeys.size === 0))
    throw new WireError('a certificate is either static or ephemeral')
  return {
    bytes,
    fingerprint: sha256(bytes.subarray(0, end)),
    hostname: named[0]?.value,
    acceptsAncillaryData: canonical.some(({ type }) => type === CertificateOption.AcceptsAncillaryData),
    ephemeralGroups,
    staticKeys,
  }
}

/** A server's: it makes new keys for each session. @param groups best first */
export function ephemeralCertificate(
  groups: readonly Group[],
  randomness: Buffer = randomBytes(RANDOMNESS),
): Certificate {
  return parseCertificate(
    Buffer.concat([
      encodeOption(CertificateOption.AcceptsAncillaryData),
      ...groups.map(group => encodeOption(CertificateOption.SupportedGroup, vlu(group))),
      encodeOption(CertificateOption.ExtraRandomness, randomness),
    ]),
  )
}

/** A client's: its keys last as long as it does, and are its identity. */
export function staticCertificate(keys: readonly KeyPair[]): Certificate {
  return parseCertificate(
    Buffer.concat(
      keys.map(({ group, publicKey }) => encodeOption(CertificateOption.StaticPublicKey, withGroup(group, publicKey))),
    ),
  )
}

/** Which of two comes first where both ends begin a session at once (RFC 7425 §4.3.6): below 0 for the left one. */
export function compareCertificates(left: Certificate, right: Certificate): number {
  return Buffer.compare(left.bytes, right.bytes)
}

/** A group's number and a key in it. @throws WireError */
export function groupAndKey(value: Buffer): [group: number, key: Buffer] {
  const reader = new ByteReader(value)
  return [reader.vlu(), reader.rest()]
}

/** The same as bytes. */
export function withGroup(group: number, key: Buffer): Buffer {
  return new ByteWriter(Buffer.alloc(vluLength(group) + key.length)).vlu(group).put(key).bytes
}

export function vlu(value: number): Buffer {
  const bytes = Buffer.alloc(vluLength(value))
  writeVlu(bytes, 0, value)
  return bytes
}

export function sha256(bytes: Buffer): Buffer {
  return typeof hash === 'function' ? hash('sha256', bytes, 'buffer') : createHash('sha256').update(bytes).digest()
}
