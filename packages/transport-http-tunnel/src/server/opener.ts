import { quotaKey } from './address-quota.ts'

/** Where a request comes from. */
export interface Origin {
  readonly address: string
  /** 0 when not known. */
  readonly port: number
  readonly secure: boolean
  /**
   * True when `address` is that of a trusted proxy that did not say whom it speaks for: it stands for everybody behind
   * it, and so is not counted. Default false.
   */
  readonly viaProxy?: boolean | undefined
}

/** Whom a session id is for: an address, or everybody behind a proxy that does not tell them apart. */
export function openerOf({ address, viaProxy }: Origin): string {
  return viaProxy === true ? `proxy ${quotaKey(address)}` : quotaKey(address)
}

/** What the sessions of an origin are counted under; undefined when they are not. */
export function countedAs({ address, viaProxy }: Origin): string | undefined {
  return viaProxy === true ? undefined : quotaKey(address)
}
