import { RtmpError } from '@rtmpipe/chunk-stream'

/**
 * Keeps persistent shared objects while nobody uses them. For one object at a time there is only one call under way.
 * Names come from clients: never make a path of them.
 */
export interface SharedObjectStore {
  /** What was saved last; nothing if there is none. A rejection refuses the object to who wants it. */
  load(app: string, name: string): Promise<Uint8Array | undefined>
  /** Replaces what was saved before, wholly or not at all. The bytes are a body of RTMP message type 19. */
  save(app: string, name: string, bytes: Uint8Array): Promise<void>
  /** Forgets the object, which is empty now. */
  delete(app: string, name: string): Promise<void>
}

/** A store failed, is full, or has returned what is no shared object. The object is kept in memory while it is used. */
export class SharedObjectStoreError extends RtmpError {
  constructor(message: string, options?: ErrorOptions) {
    super('RTMP_ERR_SHARED_OBJECT_STORE', message, options)
  }
}
