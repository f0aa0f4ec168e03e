import { jetstream, JetStreamApiError, jetstreamManager, StorageType } from '@nats-io/jetstream'
import { type KV, type KvOptions, Kvm } from '@nats-io/kv'
import type { NatsConnection } from '@nats-io/transport-node'
import { nodeTtl, storeTimeout } from './limits.ts'
import { losesRaces } from './server-check.ts'

/** Names of the buckets. */
export type BucketName = 'rt1_streams' | 'rt1_nodes'

/** A bucket as one connection sees it. */
export interface OpenBucket {
  readonly kv: KV
  /** How many servers keep it. */
  readonly replicas: number
}

/** Codes of JetStream for more replicas than servers. */
const tooManyReplicas: ReadonlySet<number> = new Set([10_005, 10_074])
const manyReplicas = 3

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
  if (info?.cluster === undefined) return create(connection, name, 1)
  if (isOld && (info.connect_urls ?? []).length >= manyReplicas) throw new OldServersError()
  const bucket = await create(connection, name, isOld ? 1 : manyReplicas).catch((error: unknown) => {
    if (error instanceof JetStreamApiError && tooManyReplicas.has(error.code)) return create(connection, name, 1)
    throw error
  })
  if (isOld && bucket.replicas > 1) throw new OldServersError()
  return isOld || bucket.replicas >= manyReplicas ? bucket : grown(connection, name, bucket)
}

async function create(connection: NatsConnection, name: BucketName, replicas: number): Promise<OpenBucket> {
  const kvm = new Kvm(jetstream(connection, { timeout: storeTimeout }))
  const kv = await kvm.create(name, { ...optionsOf(name), replicas })
  return { kv, replicas: (await kv.status()).replicas }
}

/** The cluster may have had fewer servers when the bucket was made. */
async function grown(connection: NatsConnection, name: BucketName, bucket: OpenBucket): Promise<OpenBucket> {
  try {
    const { streams } = await jetstreamManager(connection, { timeout: storeTimeout, checkAPI: false })
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
