import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { LiveStream } from '@rtmpipe/session'
import type { Fabric, JoinedStream, StreamKey } from './fabric.ts'

/** Publishes here, for the players of this process, what another process publishes. */
export class Feed {
  readonly #stream: LiveStream
  readonly #abort = new AbortController()
  #joined: JoinedStream | undefined

  constructor(fabric: Fabric, key: StreamKey, stream: LiveStream) {
    this.#stream = stream
    void this.#follow(fabric, key)
  }

  /** Makes way for a publisher of this process, which has the name now. */
  yield(): void {
    if (this.#joined === undefined) return
    this.#joined.messages.destroy()
    this.#joined = undefined
    this.#stream.endPublish()
  }

  end(): void {
    this.#abort.abort()
    this.yield()
  }

  async #follow(fabric: Fabric, key: StreamKey): Promise<void> {
    for await (const joined of fabric.join(key, { signal: this.#abort.signal })) {
      // A publisher of this process is on its way out, or the last word of an older owner came late.
      if (this.#stream.isPublishing) joined.messages.destroy()
      else await this.#publish(joined)
    }
  }

  async #publish(joined: JoinedStream): Promise<void> {
    this.#joined = joined
    this.#stream.startPublish()
    try {
      for await (const message of joined.messages as AsyncIterable<RtmpMessage>) {
        if (this.#joined !== joined) return
        if (!this.#stream.write(message)) await this.#stream.writable()
      }
    } catch {
      // The process that published is gone, or we are: the stream has ended either way.
    } finally {
      if (this.#joined === joined) this.yield()
    }
  }
}
