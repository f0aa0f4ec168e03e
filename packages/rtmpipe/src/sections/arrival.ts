import { ProxyProtocol, TrustedProxies, type TrustProxy } from '@rtmpipe/net'
import type { Problem } from '../config/problem.ts'
import { either, list, type SchemaNode, text, whole } from '../config/schema-node.ts'

/** Whose word is taken for who a client is. Default nobody's: a client is whoever has connected. */
export interface ArrivalConfig {
  /**
   * Proxies in front of the HTTP ports: addresses, networks, `loopback` or `private`, as a list or as one text with commas;
   * or how many proxies there are in a row. `X-Forwarded-For`, or else `Forwarded`, counts from them alone.
   */
  readonly trustProxy?: string | readonly string[] | number
  /**
   * Proxies in front of all ports that begin each connection with a header of the PROXY protocol, as a list or as one text
   * with commas. From them it is required, and others can't connect.
   */
  readonly proxyProtocol?: string | readonly string[]
}

const example = ['loopback', '10.0.0.0/8']
const networks = 'addresses and networks, like 10.0.0.5,10.1.0.0/16 or loopback'

export const arrival: { readonly [Name in keyof Required<ArrivalConfig>]: SchemaNode } = {
  trustProxy: either(
    'proxies whose X-Forwarded-For or Forwarded is believed: addresses, networks, loopback or private; or how many in a row',
    [whole('', 0, 32), text(''), list('', text(''))],
    `${networks}, or the number of proxies; true would let everybody claim any address`,
    { example },
  ),
  proxyProtocol: either(
    'proxies that speak the PROXY protocol to all ports: from them it is required, and others are refused',
    [text(''), list('', text(''))],
    networks,
    { example },
  ),
}

/** What several workers mean for it. */
export const arrivalWithWorkers: readonly { readonly settings: readonly string[]; readonly means: string }[] = [
  { settings: ['trustProxy', 'proxyProtocol'], means: 'the same as in one process' },
]

/** What is in none of the forms that a setting may have. */
export function arrivalProblems(config: ArrivalConfig): readonly Problem[] {
  const { trustProxy, proxyProtocol } = config
  return [
    ...problemsOf('trustProxy', () => new TrustedProxies(trustedBy(trustProxy))),
    ...problemsOf('proxyProtocol', () => proxyProtocol && new ProxyProtocol(networksOf(proxyProtocol) ?? [])),
  ]
}

/** As the transports take it. */
export function trustedBy(trustProxy: ArrivalConfig['trustProxy']): TrustProxy | undefined {
  return typeof trustProxy === 'number' ? trustProxy : networksOf(trustProxy)
}

/** As the transports take it. */
export function networksOf(networks: ArrivalConfig['proxyProtocol']): readonly string[] | undefined {
  return typeof networks === 'string' ? networks.split(',').map(each => each.trim()) : networks
}

function problemsOf(name: keyof ArrivalConfig, make: () => unknown): Problem[] {
  try {
    make()
    return []
  } catch (error) {
    return [{ path: [name], text: (error as Error).message }]
  }
}
