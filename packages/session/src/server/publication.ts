import { decodeAmf0, AmfError, Amf0Reader } from '@rtmpipe/amf'
import { LimitError, MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Duplex } from 'node:stream'
import { asAmf0Data } from '../protocol/amf3-messages.ts'
import { statusMessage } from '../protocol/command.ts'
import type { Context } from '../contract/context.ts'
import type { PublishInfo } from '../contract/info.ts'
import type { LiveStream } from '../live/live-stream.ts'
import { chain } from '../hooks/pipeline.ts'
import type { PublishingType } from '../contract/info.ts'
import { PRINCIPAL, type Principal } from '../contract/principal.ts'
import { type Status, status } from '../protocol/status.ts'
import { MediaRole, mediaRole } from '../protocol/media-role.ts'
import { Announcement } from '../hooks/announcement.ts'
import type { NetConnection } from './net-connection.ts'
import type { NetStream } from './net-stream.ts'

const maxDataLength = 256 * 1024

/** A publish in progress: from the NetStream's messages, through the plugins' Transforms, to the live stream. */
export class Publication implements PublishInfo {
  readonly connection: NetConnection
  readonly app: string
  readonly streamName: string
  readonly query: URLSearchParams
  readonly rawQuery: string
  readonly publishingType: PublishingType
  readonly context: Context
  readonly stream: LiveStream
  readonly #netStream: NetStream
  readonly #announcement = new Announcement()
  #entry: Duplex | undefined
  #begun = false
  #stopped = false

  constructor(
    netStream: NetStream,
    connection: NetConnection,
    event: Pick<PublishInfo, 'streamName' | 'query' | 'rawQuery' | 'publishingType' | 'context'>,
    stream: LiveStream,
  ) {
    this.#netStream = netStream
    this.connection = connection
    this.app = stream.app
    this.streamName = event.streamName
    this.query = event.query
    this.rawQuery = event.rawQuery
    this.publishingType = event.publishingType
    this.context = event.context
    this.stream = stream
  }

  get principal(): Principal | undefined {
    return this.context.get(PRINCIPAL)
  }

  /**
   * @throws PluginError when a bind hook throws; nothing has started then
   * @returns false when a bind hook ended it
   */
  start(): boolean {
    const transforms = this.connection.hooks.bind('bindPublish', this)
    if (this.#stopped) {
      for (const transform of transforms) transform.destroy()
      return false
    }
    this.#begun = true
    this.stream.startPublish(this.connection, reason => this.end(reason))
    if (transforms.length > 0) {
      this.#entry = chain(
        transforms,
        message => this.#toStream(message),
        error => {
          if (error) this.connection.log.error({ stream: this.streamName, err: error }, 'a bindPublish stage failed')
          if (!this.#stopped) this.end(error ? status('NetStream.Failed', 'internal error') : undefined)
          this.#finish(error ?? undefined)
        },
      )
    }
    return true
  }

  /** The replies have been sent: tells the plugins, which may end the publish from here on. */
  announce(): void {
    const { app, streamName, principal } = this
    this.connection.log.info(
      { app, stream: streamName, ...(principal && { principal: principal.id }) },
      'publish started',
    )
    this.#announcement.make(() => void this.connection.hooks.notice('onPublishStart', this))
  }

  /** Audio and video. A promise asks the publisher to wait. */
  write(message: RtmpMessage): void | Promise<void> {
    if (this.#entry === undefined) return this.#toStream(message)
    if (this.#entry.destroyed || this.#entry.write(message)) return
    return drained(this.#entry)
  }

  /** Data messages (RTMP 1.0 §7.1.2); `@setDataFrame` is taken off, as players want it. */
  writeData(message: RtmpMessage): void | Promise<void> {
    checkDataLength(message.payload)
    const payload = this.#unwrap(message)
    if (payload === undefined) return
    // A few bytes of AMF3 may become many of AMF0.
    checkDataLength(payload)
    const data = { ...message, messageTypeId: MessageType.DataAmf0, payload }
    const { maxMetadataLength } = this.connection.server.limits
    if (payload.length > maxMetadataLength && mediaRole(data) === MediaRole.Metadata) {
      throw new LimitError(
        'RTMP_ERR_METADATA_LENGTH',
        `metadata of ${payload.length} bytes, more than ${maxMetadataLength}`,
      )
    }
    return this.write(data)
  }

  tell(info: Status): void {
    if (this.connection.state === 'connected') this.connection.send(statusMessage(this.#netStream.id, info))
  }

  end(reason: Status = status('NetStream.Unpublish.Success', 'the publish was ended')): void {
    if (!this.#stopped) this.#netStream.end(reason)
  }

  /** To be called by the NetStream: messages that are still in the plugins' Transforms come out first. */
  stop(error?: Error): void {
    if (this.#stopped || this.#announcement.postpones(() => this.stop(error))) return
    this.#stopped = true
    if (!this.#begun) this.connection.server.streams.forgetIdle(this.stream)
    else if (this.#entry === undefined) this.#finish(error)
    else this.#entry.end()
  }

  #finish(error?: Error): void {
    this.stream.endPublish(error)
    this.connection.log.info({ app: this.app, stream: this.streamName, ...(error && { err: error }) }, 'publish ended')
    void this.connection.hooks.notice('onPublishEnd', this, error ? { error } : {})
  }

  #toStream(message: RtmpMessage): void | Promise<void> {
    if (!this.stream.isPublishing || this.stream.write(message)) return
    return this.stream.writable()
  }

  #unwrap(message: RtmpMessage): Buffer | undefined {
    const payload = asAmf0Data(message)?.payload
    if (payload === undefined) {
      this.connection.log.debug({ stream: this.streamName }, 'data that only AMF3 can carry ignored')
      return undefined
    }
    try {
      const reader = new Amf0Reader(payload)
      const handler = reader.read()
      if (handler === '@setDataFrame') return payload.subarray(reader.position)
      if (handler !== '@clearDataFrame') return payload
      if (decodeAmf0(payload)[1] === 'onMetaData') this.stream.clearMetadata()
    } catch (error) {
      if (!(error instanceof AmfError)) throw error
      this.connection.log.debug({ err: error }, 'unreadable data message ignored')
    }
    return undefined
  }
}

function checkDataLength({ length }: Buffer): void {
  if (length <= maxDataLength) return
  throw new LimitError('RTMP_ERR_DATA_LENGTH', `data message of ${length} bytes, more than ${maxDataLength}`)
}

function drained(stream: Duplex): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      stream.off('drain', done)
      stream.off('close', done)
      resolve()
    }
    stream.once('drain', done)
    stream.once('close', done)
  })
}
