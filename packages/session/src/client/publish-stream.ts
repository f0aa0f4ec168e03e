import { encodeAmf0 } from '@rtmpipe/amf'
import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { Writable } from 'readable-stream'
import { MediaRole, mediaRole } from '../live/media-role.ts'
import type { PublishingType } from '../plugin.ts'
import { sendPaced } from '../send-paced.ts'
import { ClientStream } from './client-stream.ts'
import type { RtmpClient } from './rtmp-client.ts'

export interface PublishOptions {
  /** Default `live`. */
  readonly type?: PublishingType
}

const setDataFrame = encodeAmf0('@setDataFrame')

/** A Writable of messages that are published; ended, it tells the server that the publish is over. */
export class PublishStream extends Writable {
  readonly control: ClientStream
  readonly streamName: string
  readonly #client: RtmpClient
  readonly #id: number

  constructor(client: RtmpClient, id: number, streamName: string) {
    super({ objectMode: true })
    this.#client = client
    this.#id = id
    this.streamName = streamName
    const failed = (error: Error) => void this.destroy(error)
    this.control = new ClientStream({ failed, ended: () => void this.destroy() }, false)
  }

  /** For {@link RtmpClient.publish}. */
  start(options: PublishOptions): Promise<void> {
    const started = this.control.start('publish')
    this.#client.sendCommand(this.#id, 'publish', null, this.streamName, options.type ?? 'live')
    return started
  }

  override _write(message: RtmpMessage, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const { messages } = this.#client
    try {
      sendPaced(messages, { ...asPublished(message), messageStreamId: this.#id }, done)
    } catch (error) {
      done(error as Error)
    }
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#client.sendCommand(0, 'FCUnpublish', null, this.streamName)
    this.#client.deleteStream(this.#id)
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#client.deleteStream(this.#id)
    done(error)
  }
}

/** Metadata is published wrapped in `@setDataFrame` (protocol.md §6.8), so that the server keeps it for late players. */
function asPublished(message: RtmpMessage): RtmpMessage {
  if (message.messageTypeId !== MessageType.DataAmf0 || mediaRole(message) !== MediaRole.Metadata) return message
  return { ...message, payload: Buffer.concat([setDataFrame, message.payload]) }
}
