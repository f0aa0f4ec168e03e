import { UsageError } from '@rtmpipe/chunk-stream'
import type { Logger } from '@rtmpipe/session'
import { isLoopback, parseServers, type ServerAddress, type UrlLogin } from './addresses.ts'
import type { NatsTls } from './dialer.ts'

/** How a node reaches the others. */
export interface NatsFabricOptions {
  /** Addresses as `nats://host:4222`, `tls://host`, or `nats://user:password@host`; one text may hold several, with commas. */
  readonly servers: string | readonly string[]
  /** Path of a `.creds` file, or of one with the seed of an NKey. Read again with each connection. */
  readonly credentials?: string
  /** Speak TLS only; of a server that has it, it is used in any case. */
  readonly tls?: NatsTls
  /**
   * What hides the names of streams from who looks at NATS: the same for all nodes, 16 characters at least. Needed unless
   * all servers are on this machine.
   */
  readonly secret?: string
  /** Of this node, for people: in NATS's monitoring, and in logs of others. Default the host's name. */
  readonly name?: string
  /**
   * What becomes of a new publisher when nobody can say for 10 s who has the name: `refuse` it, or take it as a `local`
   * one until somebody can. Default refuse.
   */
  readonly whenDirectoryDown?: 'refuse' | 'local'
  /** Connections for media beside the one for control, 1 to 4. Default 1. */
  readonly mediaConnections?: number
  /** Default: that of the server whose plugin it is. */
  readonly log?: Logger
}

/** Options that have been checked. */
export interface NatsSettings {
  /** One at least. */
  readonly addresses: readonly ServerAddress[]
  /** What the addresses said beside where the servers are. */
  readonly login: UrlLogin
  /** Where none was needed: one that everybody knows. */
  readonly secret: string
  /** From 1 to 4. */
  readonly mediaConnections: number
}

const minSecret = 16
/** There is nobody to hide names from. */
const secretOfLoopback = 'one machine, one user'

/** Reads no file, and connects to nothing. @throws UsageError for what can't be meant */
export function checkOptions(options: NatsFabricOptions): NatsSettings {
  const { servers, secret, mediaConnections = 1, whenDirectoryDown = 'refuse' } = options
  const { addresses, login } = parseServers(servers)
  if (!Number.isInteger(mediaConnections) || mediaConnections < 1 || mediaConnections > 4)
    wrong('mediaConnections must be 1 to 4')
  if (!['refuse', 'local'].includes(whenDirectoryDown)) wrong('whenDirectoryDown must be refuse or local')
  if (secret !== undefined && secret.length < minSecret)
    wrong(`the secret of the cluster is too short: ${minSecret} characters at least, the same for all nodes`)
  if (secret === undefined && !addresses.every(({ host }) => isLoopback(host)))
    wrong(
      'give the cluster a secret, the same for all nodes, for example what “openssl rand -base64 24” prints: it hides the names of streams from who looks at NATS',
    )
  return { addresses, login, secret: secret ?? secretOfLoopback, mediaConnections }
}

function wrong(text: string): never {
  throw new UsageError('RTMP_ERR_USAGE', text)
}
