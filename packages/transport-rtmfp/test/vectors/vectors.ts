import { readFileSync } from 'node:fs'

/** Bytes as hex, as the file has them. */
type Hex = string

interface Packet {
  readonly sessionId: Hex
  readonly aesKey?: Hex
  readonly hmacKey?: Hex
  readonly hmacLength?: number
  readonly datagram: Hex
  readonly plaintext: Hex
  readonly note?: string
}

/** One of the sessions with the reference implementation. */
export interface LiveCase {
  readonly description: string
  readonly startup: readonly Packet[]
  readonly session: readonly (Packet & { readonly dir?: string; readonly from?: string })[]
  readonly keys: Readonly<Record<string, Hex>>
  readonly [name: string]: unknown
}

/** A key agreement in which every random input is fixed. */
export interface KeyAgreementCase {
  readonly name: string
  readonly group: number
  readonly initiatorPrivate: Hex
  readonly initiatorPublic: Hex
  readonly responderPrivate: Hex
  readonly responderPublic: Hex
  readonly initiatorCertificate: Hex
  readonly initiatorFingerprint: Hex
  readonly responderCertificate: Hex
  readonly responderFingerprint: Hex
  readonly initiatorCanonicalEpd: Hex
  readonly skic: Hex
  readonly skrc: Hex
  readonly dhSecret: Hex
  readonly aesInitiatorToResponder: Hex
  readonly aesResponderToInitiator: Hex
  readonly hmacInitiatorToResponder: Hex
  readonly hmacResponderToInitiator: Hex
  readonly initiatorNearNonce: Hex
  readonly initiatorFarNonce: Hex
}

interface Vectors {
  readonly vlu: {
    readonly canonical: readonly { readonly value: string; readonly hex: Hex }[]
    readonly decodeOnly: readonly { readonly value: string; readonly hex: Hex }[]
    readonly reject: readonly Hex[]
    readonly tooBig: { readonly hex: Hex }
  }
  readonly options: {
    readonly cases: readonly {
      readonly type?: number
      readonly value?: Hex
      readonly valueUtf8?: string
      readonly hex: Hex
    }[]
  }
  readonly address: {
    readonly cases: readonly {
      readonly ip: string
      readonly port: number
      readonly origin: 0 | 1 | 2 | 3
      readonly hex: Hex
    }[]
  }
  readonly checksum: { readonly cases: readonly { readonly hex: Hex; readonly checksum: Hex }[] }
  readonly metadata: {
    readonly cases: readonly { readonly streamId: number; readonly rxi: 0 | 1; readonly hex: Hex }[]
    readonly reject: readonly Hex[]
  }
  readonly message: {
    readonly cases: readonly {
      readonly type?: number
      readonly timestamp?: number
      readonly payload?: Hex
      readonly hex: Hex
    }[]
  }
  readonly packetLayer: {
    readonly defaultKey: { readonly packet: Hex; readonly plaintext: Hex; readonly datagram: Hex }
    readonly modes: readonly {
      readonly note: string
      readonly aesKey: Hex
      readonly hmacKey?: Hex
      readonly hmacLength?: number
      readonly sessionSequence?: string
      readonly sessionId: Hex
      readonly packet: Hex
      readonly plaintext: Hex
      readonly datagram: Hex
    }[]
    readonly shortDatagram: { readonly sessionId: Hex; readonly datagram: Hex }
    readonly paddingRules: readonly { readonly note: string; readonly packet: Hex }[]
  }
  readonly keyAgreement: { readonly cases: readonly KeyAgreementCase[] }
  readonly leadingZero: {
    readonly privateKey: Hex
    readonly otherPublic: Hex
    readonly dhSecret: Hex
    readonly shortPublic: { readonly privateKey: Hex; readonly publicKey: Hex }
  }
  readonly badPublicKeys: {
    readonly reject: readonly { readonly hex: Hex; readonly why: string }[]
    readonly accept: readonly { readonly hex: Hex }[]
  }
  readonly live: { readonly cases: readonly LiveCase[] }
  readonly capture: {
    readonly cases: readonly { readonly description: string; readonly packets: readonly Required<Packet>[] }[]
  }
  readonly chunks: { readonly cases: readonly { readonly hex: Hex; readonly meaning: string }[] }
  readonly malformed: { readonly cases: readonly { readonly hex: Hex; readonly why: string }[] }
}

const file = new URL('rtmfp-vectors.json', import.meta.url)

/** Bytes that were exchanged with the reference implementation, or computed apart from this code. */
export const vectors: Vectors = (JSON.parse(readFileSync(file, 'utf8')) as { sections: Vectors }).sections

export const bytes = (hex: Hex): Buffer => Buffer.from(hex, 'hex')
