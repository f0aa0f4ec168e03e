import { ChunkDemuxer, ChunkMuxer, ClientHandshake, type RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Duplex } from 'node:stream'

/** A client that does the handshake and then sends whatever bytes a test wants, and notes what it is sent. */
export class RawPeer {
  readonly bytes: Duplex
  readonly received: RtmpMessage[] = []
  readonly muxer = new ChunkMuxer()
  readonly #demuxer = new ChunkDemuxer({ maxMessageLength: 0xffffff })
  readonly #waiting: { done: () => boolean; resolve: () => void }[] = []
  readonly #handshake = new ClientHandshake()
  #shaken = false

  constructor(bytes: Duplex) {
    this.bytes = bytes
    bytes.on('error', () => {})
    bytes.on('data', (data: Buffer) => this.#take(data))
    bytes.write(this.#handshake.start())
  }

  get shaken(): boolean {
    return this.#shaken
  }

  send(...messages: RtmpMessage[]): void {
    for (const message of messages) this.bytes.write(this.muxer.encode(message))
  }

  /** Resolves as soon as `done` holds; looked at whenever something was received. */
  async until(done: () => boolean): Promise<void> {
    if (!done()) await new Promise<void>(resolve => this.#waiting.push({ done, resolve }))
  }

  /** Resolves when the handshake is done. */
  async handshake(): Promise<void> {
    await this.until(() => this.#shaken)
  }

  #take(data: Buffer): void {
    if (!this.#shaken) {
      const { reply, done, rest } = this.#handshake.push(data)
      this.#shaken = done
      if (reply) this.bytes.write(reply)
      data = rest
    }
    if (data.length > 0) this.#demuxer.push(data, message => this.received.push(message))
    for (const { done, resolve } of this.#waiting) if (done()) resolve()
  }
}
