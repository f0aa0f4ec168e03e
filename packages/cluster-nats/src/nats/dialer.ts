import { isIP } from 'node:net'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import type { ServerAddress, UrlLogin } from './addresses.ts'
import { addressText } from './addresses.ts'
import { connectTimeout } from './limits.ts'
import { authenticatorOf } from './login.ts'
import { probe } from './probe.ts'
import { checkServer } from './server-check.ts'

/** Paths of PEM files. */
export interface NatsTls {
  /** Of who signed the servers' certificates; default: whom Node trusts. */
  readonly ca?: string
  /** Ours, where servers ask for one. */
  readonly cert?: string
  /** Its private key. */
  readonly key?: string
}

/** What all connections of a node have in common. */
export interface DialSettings {
  readonly login: UrlLogin
  readonly credentials?: string | undefined
  readonly tls?: NatsTls | undefined
  /** Shown in the server's monitoring. */
  readonly name: string
  readonly inboxPrefix: string
}

/** Makes connections. They do not reconnect: whoever has one dials again. */
export class Dialer {
  /** How many keep the directory, as far as that is known: old servers may not be several. */
  replicas = 1
  readonly #settings: DialSettings

  constructor(settings: DialSettings) {
    this.#settings = settings
  }

  /** @throws UsageError for a server that may not be used, another error for one that can't be connected to */
  async dial(address: ServerAddress): Promise<NatsConnection> {
    const { login, credentials, tls, name, inboxPrefix } = this.#settings
    const needsTls = address.needsTls || tls !== undefined
    const info = await probe(address)
    checkServer({ ...address, needsTls }, info, this.replicas)
    const authenticator = authenticatorOf(credentials, login)
    return connect({
      servers: addressText(address),
      name,
      inboxPrefix,
      reconnect: false,
      // Which of the servers that are told of may be used is for us to say: each is checked before anything secret is sent.
      ignoreClusterUpdates: true,
      timeout: connectTimeout,
      ...(authenticator && { authenticator }),
      ...((needsTls || info.hasTls) && { tls: tlsOptions(address, tls) }),
    })
  }
}

function tlsOptions({ tlsName }: ServerAddress, { ca, cert, key }: NatsTls = {}): object {
  return {
    // An address has no place in SNI; it is looked for in the certificate all the same.
    ...(isIP(tlsName) === 0 ? { servername: tlsName } : { servername: '', host: tlsName }),
    ...(ca !== undefined && { caFile: ca }),
    ...(cert !== undefined && { certFile: cert }),
    ...(key !== undefined && { keyFile: key }),
  }
}
