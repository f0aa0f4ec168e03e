import type { AmfValue } from './value.ts'

/**
 * A `flash.utils.Dictionary`, whose keys may be any value (AMF3 §3.16). AMF3 only.
 *
 * It is no Map because a stranger can choose thousands of numbers that fall into one slot of a Map, and each costs a
 * search through all before it. `new Map(dictionary.entries)` makes one where the keys can be trusted.
 */
export class Dictionary {
  /** Keys and values in the order they came, keys that occur twice included; kept, not copied. */
  readonly entries: readonly (readonly [key: AmfValue, value: AmfValue])[]
  /** Whether its keys do not keep objects alive, in ActionScript. */
  readonly weakKeys: boolean

  constructor(entries: readonly (readonly [key: AmfValue, value: AmfValue])[], weakKeys: boolean = false) {
    this.entries = entries
    this.weakKeys = weakKeys
  }
}
