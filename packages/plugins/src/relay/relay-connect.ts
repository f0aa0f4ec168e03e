import type { AmfObject } from '@rtmpipe/amf'
import type { RtmpClient } from '@rtmpipe/session'

/** Connects to an application; `connect` of rtmpipe does. `properties` are fields for connect's command object. */
export type RelayConnect = (
  appUrl: string,
  options: { readonly signal: AbortSignal; readonly properties: AmfObject },
) => Promise<RtmpClient>
