import { checkOptions, type ConnectEvent, type Denial, type PlayEvent, type PublishEvent } from '@rtmpipe/session'
import type { InjectionToken } from 'tsyringe'
import { inject } from '../inject.ts'
import { type Action, refuse } from './action.ts'
import { AddressList } from './address-list.ts'
import { StreamGate } from './stream-gate.ts'
import { ipFilterDefaults } from './defaults.ts'

/** Addresses that may come: IPv4, IPv6, or networks like `192.0.2.0/24`. */
export interface IpFilterOptions {
  /** Addresses and networks that may; all others may not. Default everybody. */
  readonly allow?: readonly string[]
  /** Addresses and networks that may not, even if they are in `allow`. Default nobody. */
  readonly deny?: readonly string[]
  /** Ask only about these actions. Default: about every client that connects. */
  readonly actions?: readonly Action[]
}

const known: Record<keyof IpFilterOptions, true> = { allow: true, deny: true, actions: true }

/** Options of {@link IpFilter} where it is given as a class. */
export const IP_FILTER_OPTIONS: InjectionToken<IpFilterOptions> = Symbol.for('rtmpipe.IpFilterOptions')

/** Lets clients in, or keeps them out, by their address. */
export class IpFilter extends StreamGate {
  readonly name = 'ip-filter'
  /** Asks everybody who connects; missing when `actions` are given. */
  readonly onConnect?: (event: ConnectEvent) => Denial | undefined
  readonly #allowed: AddressList | undefined
  readonly #denied: AddressList

  constructor(@inject(IP_FILTER_OPTIONS) options: IpFilterOptions) {
    const { allow, deny = ipFilterDefaults.deny, actions } = options
    super(actions ?? [])
    checkOptions('ipFilter()', options, known)
    this.#allowed = allow && new AddressList(allow)
    this.#denied = new AddressList(deny)
    if (actions === undefined) this.onConnect = event => this.check('connect', event)
  }

  protected override check(
    what: Action | 'connect',
    { connection }: ConnectEvent | PublishEvent | PlayEvent,
  ): Denial | undefined {
    const { address } = connection.remote
    const isAllowed = (this.#allowed?.includes(address) ?? true) && !this.#denied.includes(address)
    return isAllowed ? undefined : refuse(what, 'not from this address')
  }
}

/**
 * Lets addresses in or keeps them out, by CIDR lists of IPv4 and IPv6.
 *
 * @example
 * ```ts
 * server.use(ipFilter({ allow: ['10.0.0.0/8', '2001:db8::/32'], actions: ['publish'] }))
 * ```
 *
 * @throws UsageError `RTMP_ERR_USAGE` for options that do not exist, TypeError for what is neither an address nor a network
 */
export function ipFilter(options: IpFilterOptions): IpFilter {
  return new IpFilter(options)
}
