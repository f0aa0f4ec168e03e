import { EpochError } from './errors.ts'

// An epoch is one number: when the bucket was made, in steps of four seconds, and in the lower 26 bits the revision of the
// claim. A bucket that is made anew begins with revision 1 again, and its epochs are greater all the same.

/** 2025-01-01, seconds since 1970. */
const begin = 1_735_689_600
/** Seconds. */
const step = 4
const revisions = 2 ** 26
const steps = Math.floor(Number.MAX_SAFE_INTEGER / revisions)

/** What an epoch is made of. */
export interface EpochParts {
  /** When the bucket was made, seconds since 1970, to four seconds. */
  readonly created: number
  /** Of the claim in the bucket. */
  readonly revision: number
}

/**
 * The epoch of a claim.
 *
 * @param created when the bucket was made, seconds since 1970
 * @throws EpochError when it can not be expressed: a clock before 2025 or after 2041, more than 67 million writes
 */
export function epochOf({ created, revision }: EpochParts): number {
  const since = Math.floor((created - begin) / step)
  if (!(since >= 0 && since <= steps - 1)) {
    throw new EpochError(
      `the directory's bucket was made at ${created}, which is not between 2025 and 2041: set the clock and make it anew`,
    )
  }
  if (!Number.isInteger(revision) || revision < 1 || revision >= revisions) {
    throw new EpochError(
      `revision ${revision} of the directory is not between 1 and ${revisions - 1}: make its bucket anew`,
    )
  }
  return since * revisions + revision
}

/**
 * What an epoch is made of.
 *
 * @throws EpochError when it is none
 */
export function partsOf(epoch: number): EpochParts {
  const revision = epoch % revisions
  if (!Number.isSafeInteger(epoch) || epoch < 0 || revision === 0) throw new EpochError(`${epoch} is no epoch`)
  return { created: begin + Math.floor(epoch / revisions) * step, revision }
}

/** An epoch as it stands in a subject or a message; undefined when it is none. */
export function parseEpoch(text: string): number | undefined {
  if (!/^[1-9]\d{0,15}$/.test(text)) return undefined
  const epoch = Number(text)
  return Number.isSafeInteger(epoch) ? epoch : undefined
}

/** Whether it was given without the directory: it is less than all that the directory gives, and in no order. */
export function isLocalEpoch(epoch: number): boolean {
  return epoch < revisions
}
