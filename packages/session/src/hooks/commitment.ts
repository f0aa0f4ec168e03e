import type { Refusal } from '../contract/denial.ts'

/** What plugins have done for what is to begin, and can take back until it has begun. */
export class Commitment {
  /** A plugin has refused; what was done before has been taken back. */
  readonly denial: Refusal | undefined
  #undos: readonly (() => void)[]

  constructor(undos: readonly (() => void)[], denial?: Refusal) {
    this.#undos = undos
    this.denial = denial
  }

  /** It does not begin: the last act is taken back first. Only the first call does anything. */
  undo(): void {
    const undos = this.#undos
    this.#undos = []
    for (const undo of undos.toReversed()) undo()
  }
}
