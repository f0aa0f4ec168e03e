import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream'
import { type NatsConnection, PermissionViolationError } from '@nats-io/transport-node'
import type { Store, StoreEntry, Stores } from '../contract/store.ts'
import { DirectoryDownError, NoDirectoryRightError } from '../errors.ts'
import { type BucketName, openBucket, type OpenBucket, OldServersError } from './buckets.ts'
import { storeTimeout } from './limits.ts'
import type { NatsBus } from './nats-bus.ts'

/** What tells that another revision is there. */
const otherRevision: ReadonlySet<number> = new Set([
  JetStreamApiCodes.StreamWrongLastSequence,
  JetStreamApiCodes.StreamWrongLastSequenceUnknown,
])

/** What a store asks of who made it. */
export interface NatsStoreOptions {
  readonly bus: Pick<NatsBus, 'connection'>
  readonly bucket: BucketName
  /** Told how many servers keep the bucket, each time it is opened. */
  onOpen(replicas: number): void
  /** Told when the servers may not keep it, and of which version they are. */
  onOld(version: string): void
}

/** A {@link Store} in a JetStream bucket, which is made when it is first used. */
export class NatsStore implements Store {
  readonly #options: NatsStoreOptions
  #opened: { readonly connection: NatsConnection; readonly bucket: Promise<OpenBucket> } | undefined

  constructor(options: NatsStoreOptions) {
    this.#options = options
  }

  /** @throws DirectoryDownError when it can't be opened at the moment, NoDirectoryRightError */
  open(): Promise<void> {
    return this.#ask(async () => {})
  }

  created(): Promise<number> {
    return this.#ask(async ({ kv }) => Math.floor(Date.parse((await kv.status()).streamInfo.created) / 1_000))
  }

  create(key: string, value: Uint8Array): Promise<number | undefined> {
    return this.#ask(({ kv }) => unlessOther(kv.create(key, value)))
  }

  update(key: string, value: Uint8Array, revision: number): Promise<number | undefined> {
    return this.#ask(({ kv }) => unlessOther(kv.update(key, value, revision, storeTimeout)))
  }

  put(key: string, value: Uint8Array): Promise<number> {
    return this.#ask(({ kv }) => kv.put(key, value, { timeout: storeTimeout }))
  }

  get(key: string): Promise<StoreEntry | undefined> {
    return this.#ask(async ({ kv }) => {
      const entry = await kv.get(key)
      return entry?.operation === 'PUT' ? { value: entry.value, revision: entry.revision } : undefined
    })
  }

  keys(): Promise<readonly string[]> {
    const prefix = `$KV.${this.#options.bucket}.`
    return this.#ask(async ({ js }) => {
      const { streams } = await js.jetstreamManager(false)
      const { state } = await streams.info(`KV_${this.#options.bucket}`, { subjects_filter: `${prefix}>` })
      return Object.keys(state.subjects ?? {}).map(subject => subject.slice(prefix.length))
    })
  }

  remove(key: string, revision: number): Promise<boolean> {
    const { bucket } = this.#options
    return this.#ask(async ({ js }) => {
      const { streams } = await js.jetstreamManager(false)
      // Up to this revision: a later one stays.
      const { purged } = await streams.purge(`KV_${bucket}`, { filter: `$KV.${bucket}.${key}`, seq: revision + 1 })
      return purged > 0
    })
  }

  async #ask<T>(run: (bucket: OpenBucket) => Promise<T>): Promise<T> {
    const { connection } = this.#options.bus
    if (connection === undefined) throw new DirectoryDownError('no NATS server is connected')
    let timer: NodeJS.Timeout | undefined
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${storeTimeout} ms`)), storeTimeout)
    })
    try {
      return await Promise.race([this.#bucket(connection).then(run), timeout])
    } catch (error) {
      // It may have been removed: the next one makes it again.
      this.#opened = undefined
      if (isForbidden(error)) throw new NoDirectoryRightError({ cause: error })
      throw new DirectoryDownError(reasonOf(error as Error), { cause: error })
    } finally {
      clearTimeout(timer)
    }
  }

  #bucket(connection: NatsConnection): Promise<OpenBucket> {
    if (this.#opened?.connection !== connection) {
      const bucket = openBucket(connection, this.#options.bucket)
      this.#opened = { connection, bucket }
      bucket.then(
        ({ replicas }) => this.#options.onOpen(replicas),
        (error: unknown) => {
          if (error instanceof OldServersError) this.#options.onOld(connection.info?.version ?? '')
        },
      )
    }
    return this.#opened.bucket
  }
}

function reasonOf({ name, message }: Error): string {
  // The library does not export its class.
  return name === 'JetStreamNotEnabled'
    ? 'the NATS servers have no JetStream, which keeps who has which name: start one of them or three with -js, or with jetstream {} in the configuration'
    : `the directory in NATS does not answer: ${message}`
}

/** The library hides it in the error of what it was needed for. */
function isForbidden(error: unknown): boolean {
  if (error instanceof PermissionViolationError) return true
  return error instanceof Error && error.cause !== undefined && isForbidden(error.cause)
}

/** The buckets of a cluster. */
export class NatsStores implements Stores {
  readonly streams: NatsStore
  readonly nodes: NatsStore

  constructor(options: Omit<NatsStoreOptions, 'bucket'>) {
    this.streams = new NatsStore({ ...options, bucket: 'rt1_streams' })
    this.nodes = new NatsStore({ ...options, bucket: 'rt1_nodes' })
  }
}

async function unlessOther<T>(written: Promise<T>): Promise<T | undefined> {
  try {
    return await written
  } catch (error) {
    if (error instanceof JetStreamApiError && otherRevision.has(error.code)) return undefined
    throw error
  }
}
