import type { StreamKey } from '@rtmpipe/session'
import type { Fabric } from '../fabric.ts'

/** Who has a name: nobody, somebody who is not to be joined (yet, or being ourselves), or another who is. */
export type NameState = 'free' | 'claimed' | 'elsewhere'

/** A fabric within one machine, as {@link LayeredFabric} needs it. */
export interface LocalFabric extends Fabric {
  /** Who has a name, now and when that changes; ends like `join`. Who reads slowly misses all but the newest. */
  owners(key: StreamKey, how: { readonly signal: AbortSignal }): AsyncIterable<NameState>
}
