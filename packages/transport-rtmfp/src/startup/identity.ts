import { type Certificate, ephemeralCertificate, parseCertificate, staticCertificate } from '../crypto/certificate.ts'
import { type Group, groups as allGroups, type KeyPair, makeKeyPair } from '../crypto/diffie-hellman.ts'
import type { KeyingEnd } from '../crypto/keying.ts'
import { encodeOption } from '../wire/options.ts'

/** Enough to be one of a kind, and no more: the answer to a short question has to be short. */
const RANDOMNESS = 16

/** Who an endpoint is to others, with the keys that belong to it (RFC 7425 §4.2, §4.3). */
export class Identity {
  readonly certificate: Certificate
  /** Groups of its keys, best first. */
  readonly groups: readonly Group[]
  readonly #pairs: readonly KeyPair[]

  private constructor(certificate: Certificate, groups: readonly Group[], pairs: readonly KeyPair[]) {
    this.certificate = certificate
    this.groups = groups
    this.#pairs = pairs
  }

  /** New keys for each session: a server's. */
  static ephemeral(groups: readonly Group[], randomBytes: (length: number) => Buffer): Identity {
    return new Identity(ephemeralCertificate(groups, randomBytes(RANDOMNESS)), groups, [])
  }

  /** Keys that last as long as it does, and prove that it is the same: a client's. */
  static static(pairs: readonly KeyPair[]): Identity {
    return new Identity(
      staticCertificate(pairs),
      pairs.map(({ group }) => group),
      pairs,
    )
  }

  get isStatic(): boolean {
    return this.#pairs.length > 0
  }

  /** A pair for one session; undefined in a group that it has none of. */
  pair(group: number): KeyPair | undefined {
    if (this.isStatic) return this.#pairs.find(pair => pair.group === group)
    const own = this.groups.find(each => each === group)
    return own === undefined ? undefined : makeKeyPair(own)
  }

  /** The group that both have keys in, the best of ours. */
  commonGroup({ ephemeralGroups, staticKeys }: Certificate): Group | undefined {
    return this.groups.find(group => ephemeralGroups.includes(group) || staticKeys.has(group))
  }
}

/** Where somebody's key is meant to be; undefined for a group that nobody knows. */
export function groupOf({ certificate, component }: KeyingEnd): number | undefined {
  const group = certificate.staticKeys.size > 0 ? component.selectedGroup : component.ephemeral?.group
  return allGroups.find(each => each === group)
}

/**
 * A server's certificate as short as one can be. Clients whose questions are too short for any other answer (it would be more
 * than three times as long) have keys in this group only.
 */
export const briefCertificate: Certificate = parseCertificate(
  Buffer.concat([encodeOption(0x0a), encodeOption(0x15, Buffer.of(2))]),
)
