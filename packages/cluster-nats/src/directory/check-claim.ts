import type { Store } from '../contract/store.ts'
import { epochOf, partsOf } from '../wire/epoch.ts'
import type { HeldClaim } from './held-claim.ts'
import { ignoreDown } from './lease.ts'
import { parseOwner } from './messages.ts'

/** What a look into the directory has shown. `again`: it can't be said, because it is being written or was read late. */
export type CheckResult = 'again' | 'lost' | 'restored' | 'stands'

/**
 * Looks whether a claim still stands in the directory, which may have lost it: then it is written again, under the same
 * epoch. Of two owners the later one stays.
 */
export async function checkClaim(claim: HeldClaim, streams: Store): Promise<CheckResult> {
  const { sid, id, value } = claim
  const entry = await streams.get(sid)
  if (entry !== undefined && parseOwner(entry.value)?.claim === id) {
    claim.revision = entry.revision
    return 'stands'
  }
  if (entry !== undefined) {
    const epoch = epochOf({ created: await streams.created(), revision: entry.revision })
    if (epoch > claim.epoch) return 'lost'
  }
  if (!claim.isHeld) return 'again'
  const revision =
    entry === undefined ? await streams.create(sid, value) : await streams.update(sid, value, entry.revision)
  if (revision === undefined) return 'again'
  claim.revision = revision
  return 'restored'
}

/** Whether the directory has been made anew since the claim got its number. */
export async function isRemade({ epoch }: HeldClaim, streams: Store): Promise<boolean> {
  const created = await streams.created().catch(ignoreDown)
  return created !== null && partsOf(epochOf({ created, revision: 1 })).created !== partsOf(epoch).created
}
