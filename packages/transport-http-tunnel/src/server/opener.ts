import { quotaKey } from './address-quota.ts'
import type { Origin } from './origin.ts'

/** Whom a session id is for: an address, or everybody behind a proxy that does not tell them apart. */
export function openerOf({ address, viaProxy }: Origin): string {
  return viaProxy === true ? `proxy ${quotaKey(address)}` : quotaKey(address)
}

/** What the sessions of an origin are counted under; undefined when they are not. */
export function countedAs({ address, viaProxy }: Origin): string | undefined {
  return viaProxy === true ? undefined : quotaKey(address)
}
