import type { AmfObject } from '@rtmpipe/amf'
import type { PingTimes, RtmpClient } from '@rtmpipe/session'
import type { InjectionToken } from 'tsyringe'

/**
 * Connects to an application; `connect` of rtmpipe does. `properties` are fields for connect's command object;
 * `pingInterval` and `pingTimeout`, if given, let the client notice that a server is gone. `proxy` is the URL of a proxy to
 * go by, or `false` for none; if not given, it is for this function to say.
 */
export type RelayConnect = (
  appUrl: string,
  options: Partial<PingTimes> & {
    readonly signal: AbortSignal
    readonly properties: AmfObject
    readonly proxy?: string | false
  },
) => Promise<RtmpClient>

/** How {@link RelayPush} and {@link RelayPull} connect where they are given as classes. */
export const RELAY_CONNECT: InjectionToken<RelayConnect> = Symbol.for('rtmpipe.RelayConnect')
