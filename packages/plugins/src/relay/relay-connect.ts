import type { AmfObject } from '@rtmpipe/amf'
import type { RtmpClient } from '@rtmpipe/session'
import type { InjectionToken } from 'tsyringe'

/** Connects to an application; `connect` of rtmpipe does. `properties` are fields for connect's command object. */
export type RelayConnect = (
  appUrl: string,
  options: { readonly signal: AbortSignal; readonly properties: AmfObject },
) => Promise<RtmpClient>

/** How {@link RelayPush} and {@link RelayPull} connect where they are given as classes. */
export const RELAY_CONNECT: InjectionToken<RelayConnect> = Symbol.for('rtmpipe.RelayConnect')
