import { type RtmpMessage, UsageError } from '@rtmpipe/chunk-stream'
import type { Writable as NodeWritable } from 'node:stream'
import { Writable } from 'readable-stream'
import { StatusError } from '../../contract/errors.ts'
import type { InProcessPublisher } from '../../contract/in-process.ts'
import { commandMessage } from '../../protocol/command.ts'
import { isStreamMessage } from '../../protocol/media-role.ts'
import type { Status } from '../../protocol/status.ts'
import { closedError, InProcessClient, type InProcessEvents, type Serve, withQuery } from './in-process-client.ts'

type Done = (error?: Error | null) => void

/** Publishes as an RTMP client would, see {@link RtmpServer.publish}. */
export async function publishInProcess(
  serve: Serve,
  app: string,
  name: string,
  who: InProcessPublisher,
): Promise<NodeWritable> {
  const writer = new InProcessWriter()
  await writer.open(serve, app, name, who)
  return writer
}

/** Takes the messages of a publish, as fast as the server reads them. */
class InProcessWriter extends Writable implements InProcessEvents {
  readonly #client = new InProcessClient(this)
  readonly queuedBytes = 0
  #ended: Done | undefined

  constructor() {
    super({ objectMode: true })
  }

  async open(serve: Serve, app: string, name: string, who: InProcessPublisher): Promise<void> {
    try {
      await this.#client.open(serve, app, who, id =>
        commandMessage(id, 'publish', 0, null, withQuery(name, who), who.type ?? 'live'),
      )
    } catch (error) {
      this.destroy()
      throw error
    }
  }

  /** A publisher is sent no media. */
  media(): void {}

  status(status: Status, isOver: boolean): void {
    if (isOver) this.destroy(new StatusError(status.code, status.description))
    else process.nextTick(() => this.destroyed || this.emit('status', status))
  }

  disconnected(reason: Error | undefined): void {
    if (this.#ended === undefined) this.destroy(reason ?? closedError())
    else this.#ended(reason)
  }

  override _write(message: RtmpMessage, _encoding: BufferEncoding, done: Done): void {
    if (isStreamMessage(message)) return this.#client.write(message, done)
    done(new UsageError('RTMP_ERR_STREAM_MESSAGE', `message type ${message.messageTypeId} has no place in a stream`))
  }

  /** Finished when the server has taken everything and the connection has ended. */
  override _final(done: Done): void {
    this.#ended = done
    if (this.#client.messages.destroyed) done(this.#client.reason)
    else this.#client.messages.leave()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#client.leave()
    done(error)
  }
}
