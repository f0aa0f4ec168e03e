import { readOptions, encodeOption } from '../wire/options.ts'
import { WireError } from '../wire/wire-error.ts'
import type { Certificate } from './certificate.ts'

const DiscriminatorOption = { Hostname: 0x00, AncillaryData: 0x0a, Fingerprint: 0x0f } as const

const FINGERPRINT_LENGTH = 32
const MAX_OPTIONS = 16

/** Whom an initiator wants to reach (RFC 7425 §4.4). */
export interface EndpointDiscriminator {
  readonly hostname: Buffer | undefined
  /** A URL by intention; some clients send the name of the application only. */
  readonly ancillaryData: Buffer | undefined
  readonly fingerprint: Buffer | undefined
}

/** @throws WireError for what is none */
export function parseDiscriminator(bytes: Buffer): EndpointDiscriminator {
  const options = readOptions(bytes, MAX_OPTIONS)
  const one = (type: number): Buffer | undefined => {
    const [first, second] = options.filter(option => option.type === type)
    if (second !== undefined) throw new WireError('an endpoint discriminator that says something twice')
    return first?.value
  }
  const fingerprint = one(DiscriminatorOption.Fingerprint)
  if (fingerprint !== undefined && fingerprint.length !== FINGERPRINT_LENGTH)
    throw new WireError(`a fingerprint of ${fingerprint.length} bytes`)
  return {
    hostname: one(DiscriminatorOption.Hostname),
    ancillaryData: one(DiscriminatorOption.AncillaryData),
    fingerprint,
  }
}

/** Asks for a server by its URL. */
export function discriminatorOfUrl(url: string): Buffer {
  return encodeOption(DiscriminatorOption.AncillaryData, Buffer.from(url))
}

/** Asks for a peer by its fingerprint: the canonical form. */
export function discriminatorOfPeer(fingerprint: Buffer): Buffer {
  return encodeOption(DiscriminatorOption.Fingerprint, fingerprint)
}

/** True when it is this endpoint that is meant (RFC 7425 §4.4.3). */
export function selects(wanted: EndpointDiscriminator, certificate: Certificate): boolean {
  const { hostname, ancillaryData, fingerprint } = wanted
  if (fingerprint !== undefined) return fingerprint.equals(certificate.fingerprint)
  if (hostname !== undefined) {
    if (certificate.hostname === undefined || !hostname.equals(certificate.hostname)) return false
    return ancillaryData === undefined || certificate.acceptsAncillaryData
  }
  return ancillaryData !== undefined && certificate.acceptsAncillaryData
}
