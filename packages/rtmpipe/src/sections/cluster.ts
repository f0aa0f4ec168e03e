import { either, list, object, oneOf, type SchemaNode, text } from '../config/schema-node.ts'

/** Section `cluster.nats`: options of `natsFabric` as far as data can say them. */
export interface NatsConfig {
  /** Servers of NATS, as a list or as one text with commas: `nats://host:4222`, `tls://user:password@host`. */
  readonly servers: string | readonly string[]
  /** File with the credentials of a user: a `.creds` file, or one with the seed of an NKey. */
  readonly credentials?: string
  /** PEM files; with them, or without any of them as `{}`, NATS is spoken to with TLS alone. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
  /** The same for all machines: it hides the names of streams in NATS. Needed unless NATS is on this machine. */
  readonly secret?: string
  /** Of this machine, for people. Default its host name. */
  readonly name?: string
  /** What becomes of new publishers while nobody can say who has which name. Default `refuse`. */
  readonly whenDirectoryDown?: 'refuse' | 'local'
}

/** Section `cluster`: many machines with one set of streams. */
export interface ClusterConfig {
  /** They meet at NATS. */
  readonly nats: NatsConfig
}

const addresses = 'addresses like nats://host:4222,nats://other:4222'
const address: Partial<SchemaNode> = { secret: 'url', expected: addresses }

export const cluster: SchemaNode = object<ClusterConfig>(
  'many machines with one set of streams',
  {
    nats: object<NatsConfig>(
      'they meet at NATS',
      {
        servers: either(
          'servers of NATS, as nats://host:4222; as a list or with commas',
          [text('', address), list('', text('', address), { minItems: 1 })],
          addresses,
          { secret: 'url', example: 'nats://nats.example:4222' },
        ),
        credentials: text('file with the credentials of a user: a .creds file, or the seed of an NKey', {
          expected: 'a file',
          example: 'node.creds',
        }),
        tls: object<NonNullable<NatsConfig['tls']>>('speak TLS alone; {} is enough for certificates that Node trusts', {
          ca: text('PEM file of who signed the certificates of the servers', { expected: 'a file', example: 'ca.pem' }),
          cert: text('PEM file of our certificate, where they ask for one', {
            expected: 'a file',
            example: 'node.pem',
          }),
          key: text('PEM file of its private key', { expected: 'a file', example: 'node-key.pem' }),
        }),
        secret: text('the same for all machines, 16 characters at least; it hides the names of streams in NATS', {
          secret: 'all',
          minLength: 16,
          expected: 'at least 16 characters',
          example: 'CHANGE-ME-CHANGE-ME',
        }),
        name: text('name of this machine, for people; without it its host name', { example: 'edge-1' }),
        whenDirectoryDown: oneOf(
          'what becomes of new publishers while nobody can say who has which name',
          ['refuse', 'local'],
          { default: 'refuse' },
        ),
      },
      ['servers'],
    ),
  },
  ['nats'],
)

/** What several workers mean for it. */
export const clusterWithWorkers =
  'each worker has connections of its own; a stream of another machine comes here once, to one of the workers, and to the others from there'
