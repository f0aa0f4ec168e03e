import { RtmpError } from '@rtmpipe/chunk-stream'

/**
 * Keeps persistent shared objects while nobody uses them. For each object, there is only one call at a time. Names come
 * from clients: never make a path of them.
 */
export interface SharedObjectStore {
  /**
   * The bytes that were saved last; nothing if there are none. If it rejects, clients that want the object are refused.
   */
  load(app: string, name: string): Promise<Uint8Array | undefined>
  /** Replaces what was saved before, wholly or not at all. The bytes are a body of RTMP message type 19. */
  save(app: string, name: string, bytes: Uint8Array): Promise<void>
  /** Forgets the object, which is empty now. */
  delete(app: string, name: string): Promise<void>
}

/**
 * A store failed, is full, or has returned something that is no shared object. The object is kept in memory while it is
 * used.
 */
export class SharedObjectStoreError extends RtmpError {
  override readonly name = 'SharedObjectStoreError'

  constructor(message: string, options?: ErrorOptions) {
    super('RTMP_ERR_SHARED_OBJECT_STORE', message, options)
  }
}
