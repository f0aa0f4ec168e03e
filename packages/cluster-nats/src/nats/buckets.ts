import { jetstream, JetStreamApiError, type JetStreamClient, jetstreamManager, StorageType } from '@nats-io/jetstream'
import { type KV, type KvOptions, Kvm } from '@nats-io/kv'
import type { NatsConnection } from '@nats-io/transport-node'
import { nodeTtl, storeTimeout } from './limits.ts'
import { losesRaces } from './server-check.ts'

/** Names of the buckets. */
export type BucketName = 'rt1_streams' | 'rt1_nodes'

/** A bucket as one connection sees it. */
export interface OpenBucket {
  readonly kv: KV
  /** The way to it. */
  readonly js: JetStreamClient
  /** How many servers keep it. */
  readonly replicas: number
}

/** Codes of JetStream for more replicas than servers. */
const tooManyReplicas: ReadonlySet<number> = new Set([10_005, 10_074])
const manyReplicas = 3
/** Name under which leafs find the JetStream of the servers behind them. */
const domain = 'rtmpipe'

/** Several servers would keep the directory, and are too old for it. */
export class OldServersError extends Error {
  override readonly name = 'OldServersError'
}

/**
 * Opens a bucket, and makes it where it is missing: kept by three servers when the cluster has so many with JetStream.
 *
 * @throws OldServersError where that would not be safe, the library's errors
 */
export async function openBucket(connection: NatsConnection, name: BucketName): Promise<OpenBucket> {
  const { info } = connection
  const isOld = losesRaces(info?.version ?? '')
  const js = await reach(connection)
  if (info?.cluster === undefined) return create(js, name, 1)
  if (isForSeveral(connection) && isOld) throw new OldServersError()
  const bucket = await create(js, name, isOld ? 1 : manyReplicas).catch((error: unknown) => {
    if (error instanceof JetStreamApiError && tooManyReplicas.has(error.code)) return create(js, name, 1)
    throw error
  })
  if (isOld && bucket.replicas > 1) throw new OldServersError()
  return isOld || bucket.replicas >= manyReplicas ? bucket : grown(name, bucket)
}

/** Whether there are so many servers that several keep the directory. */
export function isForSeveral({ info }: NatsConnection): boolean {
  return info?.cluster !== undefined && (info.connect_urls ?? []).length >= manyReplicas
}

/** JetStream of the servers here, or where a leaf has none, of those behind it. */
export async function reach(connection: NatsConnection): Promise<JetStreamClient> {
  const options = { timeout: storeTimeout }
  try {
    await jetstreamManager(connection, options)
    return jetstream(connection, options)
  } catch (error) {
    // Its class is not exported.
    if ((error as Error).name !== 'JetStreamNotEnabled') throw error
    const behind = { ...options, domain }
    try {
      await jetstreamManager(connection, behind)
    } catch {
      throw error
    }
    return jetstream(connection, behind)
  }
}

async function create(js: JetStreamClient, name: BucketName, replicas: number): Promise<OpenBucket> {
  const kv = await new Kvm(js).create(name, { ...optionsOf(name), replicas })
  return { kv, js, replicas: (await kv.status()).replicas }
}

/** The cluster may have had fewer servers when the bucket was made. */
async function grown(name: BucketName, bucket: OpenBucket): Promise<OpenBucket> {
  try {
    const { streams } = await bucket.js.jetstreamManager(false)
    await streams.update(`KV_${name}`, { num_replicas: manyReplicas })
    return { ...bucket, replicas: manyReplicas }
  } catch {
    return bucket
  }
}

function optionsOf(name: BucketName): Partial<KvOptions> {
  const common = { history: 1, storage: StorageType.File, timeout: storeTimeout }
  if (name === 'rt1_streams') return { ...common, description: 'rtmpipe: who may publish which name' }
  return { ...common, ttl: nodeTtl, description: 'rtmpipe: which nodes live' }
}
