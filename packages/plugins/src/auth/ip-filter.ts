import type { Awaitable, ConnectEvent, Denial, Plugin } from '@rtmpipe/session'
import { type Action, refuse } from './action.ts'
import { AddressList } from './address-list.ts'
import { streamGate } from './stream-gate.ts'

export interface IpFilterOptions {
  /** Addresses and networks that may; all others may not. Default everybody. */
  readonly allow?: readonly string[]
  /** Addresses and networks that may not, even if they are in `allow`. Default nobody. */
  readonly deny?: readonly string[]
  /** Ask only of these. Default of everybody who connects. */
  readonly actions?: readonly Action[]
}

/**
 * Lets addresses in or keeps them out, by CIDR lists of IPv4 and IPv6.
 *
 * @example
 * ```ts
 * server.use(ipFilter({ allow: ['10.0.0.0/8', '2001:db8::/32'], actions: ['publish'] }))
 * ```
 *
 * @throws TypeError for what is neither an address nor a network
 */
export function ipFilter({ allow, deny = [], actions }: IpFilterOptions): Plugin {
  const [allowed, denied] = [allow && new AddressList(allow), new AddressList(deny)]
  const check = (what: Action | 'connect', { address }: { readonly address: string }): Denial | undefined => {
    const isAllowed = (allowed?.includes(address) ?? true) && !denied.includes(address)
    return isAllowed ? undefined : refuse(what, 'not from this address')
  }
  const name = 'ip-filter'
  if (actions !== undefined) return streamGate(name, actions, (action, event) => check(action, event.connection.remote))
  return {
    name,
    onConnect: ({ connection }: ConnectEvent): Awaitable<Denial | undefined> => check('connect', connection.remote),
  }
}
