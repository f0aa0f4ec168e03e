import { isIndex, makeSparse } from '../index-keys.ts'
import type { AmfValue } from '../value.ts'

/** The members of an object while they are read: no prototype to reach, no room for indices that are not there. */
export class Members {
  readonly properties: Record<string, AmfValue> = Object.create(null)
  #sparse = false

  set(key: string, value: AmfValue): void {
    if (key === '__proto__') return
    if (!this.#sparse && isIndex(key)) {
      makeSparse(this.properties)
      this.#sparse = true
    }
    this.properties[key] = value
  }
}
