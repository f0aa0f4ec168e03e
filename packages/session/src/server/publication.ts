import { AmfError, Amf0Reader } from '@rtmpipe/amf'
import { holdPayload, LimitError, MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import { mendedMetadata } from '@rtmpipe/flv'
import type { Duplex } from 'node:stream'
import { asAmf0Data } from '../protocol/amf3-messages.ts'
import { statusMessage } from '../protocol/command.ts'
import type { Context } from '../contract/context.ts'
import type { PublishInfo } from '../contract/info.ts'
import type { LiveStream } from '../live/live-stream.ts'
import { PluginError } from '../contract/errors.ts'
import { chain, pluginOf } from '../hooks/pipeline.ts'
import type { PublishingType } from '../contract/info.ts'
import { PRINCIPAL, type Principal } from '../contract/principal.ts'
import { type Status, status } from '../protocol/status.ts'
import { withQuery } from '../protocol/stream-target.ts'
import { shownName, shownReason } from '../protocol/shown-name.ts'
import { MediaRole, mediaRole } from '../protocol/media-role.ts'
import { Announcement } from '../hooks/announcement.ts'
import { endFields } from '../peer/end-fields.ts'
import { MediaLine } from './media-line.ts'
import type { NetConnection } from './net-connection.ts'
import type { NetStream } from './net-stream.ts'

/** Bytes of a data message. Metadata may be as long as any message: those of a file have its index. */
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
  readonly isResumed: boolean
  readonly #netStream: NetStream
  readonly #announcement = new Announcement()
  /** Messages of audio, video and data so far. */
  #received = 0
  #transforms: readonly Duplex[] = []
  #entry: Duplex | undefined
  #begun = false
  #stopped = false
  /** True when nothing comes out of the Transforms any more. */
  #isDrained = false
  #finished = false
  #reason: Error | undefined
  /** Why it was ended from our side. */
  #endedBy: Status | undefined
  #since = 0
  /** There until it has been said. */
  #mediaLine: MediaLine | undefined
  /** Runs while the Transforms give out what they hold. */
  #flushTimer: NodeJS.Timeout | undefined
  #ended: (() => void)[] = []

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
    // Nobody publishes it now.
    this.isResumed = stream.isLive
  }

  get principal(): Principal | undefined {
    return this.context.get(PRINCIPAL)
  }

  /**
   * @throws PluginError when a bind hook throws, UsageError when one publishes the stream itself; nothing has started
   *   then
   * @returns false when a bind hook ended it
   */
  start(): boolean {
    const transforms = this.connection.hooks.bind('bindPublish', this)
    if (this.#stopped) {
      for (const transform of transforms) transform.destroy()
      return false
    }
    this.#begin(transforms)
    if (transforms.length > 0) {
      this.#transforms = transforms
      this.#entry = chain(
        transforms,
        message => this.#toStream(message),
        error => this.#drained(error ?? undefined),
      )
    }
    return true
  }

  #begin(transforms: readonly Duplex[]): void {
    try {
      this.stream.startPublish(this.connection, this)
      this.#begun = true
      this.#since = Date.now()
      this.connection.server.publishers.add(this)
    } catch (error) {
      for (const transform of transforms) transform.destroy()
      this.connection.log.error(
        { stream: shownName(this.streamName), err: error },
        'a bindPublish hook publishes the stream itself',
      )
      throw error
    }
  }

  /** The replies have been sent: tells the plugins, which may end the publish from here on. */
  announce(): void {
    const { app, streamName, principal } = this
    this.connection.log.info(
      { app, stream: shownName(streamName), ...(principal && { principal: principal.id }) },
      'publish started',
    )
    if (!this.#finished) this.#mediaLine = new MediaLine(this.connection.log, this.stream)
    this.#announcement.make(() => void this.connection.hooks.notice('onPublishStart', this))
  }

  get isSilent(): boolean {
    return this.connection.server.publishers.silentOf(this.stream) === this
  }

  /** Messages of audio, video and data that have come so far. */
  get received(): number {
    return this.#received
  }

  /** Audio and video. A promise asks the publisher to wait. */
  write(message: RtmpMessage): void | Promise<void> {
    this.#received += 1
    if (this.#entry === undefined) return this.#toStream(message)
    // Nobody knows for how long a Transform keeps it.
    holdPayload(message.payload)
    if (this.#entry.destroyed || this.#entry.write(message)) return
    return drained(this.#entry)
  }

  /**
   * Data messages (RTMP 1.0 §7.1.2); `@setDataFrame` is taken off, as players want it. Metadata is mended: live players
   * get the same as late ones.
   */
  writeData(message: RtmpMessage): void | Promise<void> {
    this.#received += 1
    const payload = this.#unwrap(message)
    if (payload === undefined) return
    const data = { ...message, messageTypeId: MessageType.DataAmf0, payload }
    if (payload.length > maxDataLength && mediaRole(data) !== MediaRole.Metadata) {
      throw new LimitError(
        'RTMP_ERR_DATA_LENGTH',
        `data message of ${payload.length} bytes, more than ${maxDataLength}`,
      )
    }
    return this.write(data)
  }

  tell(info: Status): void {
    if (this.connection.state === 'connected') this.connection.send(statusMessage(this.#netStream.id, info))
  }

  redirect(streamName: string): void {
    if (this.#stopped) return
    const { connection, publishingType } = this
    const { beginning } = this.stream
    const name = withQuery(streamName, this.rawQuery)
    const args = [name, publishingType]
    const command = {
      name: 'publish',
      transactionId: 0,
      commandObject: null,
      args,
      messageStreamId: this.#netStream.id,
    }
    Promise.resolve(connection.obey(command)).then(
      () => this.#netStream.goOnWith(beginning),
      (error: Error) => void connection.messages.destroy(error),
    )
  }

  end(reason: Status = status('NetStream.Unpublish.Success', 'the publish was ended')): void {
    if (this.#stopped) return
    this.#endedBy ??= reason
    this.#netStream.end(reason)
  }

  /**
   * Ends it because nothing comes from its publisher, and the connection with it if that does nothing else: an encoder
   * that is still there connects again. Resolves when the publish has ended.
   */
  leave(reason: Status): Promise<void> {
    if (this.#finished) return Promise.resolve()
    const ended = new Promise<void>(resolve => {
      this.#ended.push(resolve)
    })
    // Its publisher has left already, and Transforms still give out what they hold.
    if (this.#stopped) return ended
    this.end(reason)
    const { connection } = this
    if ([...connection.netStreams].every(({ state }) => state === 'idle')) connection.end()
    return ended
  }

  /** To be called by the NetStream: messages that are still in the plugins' Transforms come out first. */
  stop(error?: Error): void {
    if (this.#stopped || this.#announcement.postpones(() => this.stop(error))) return
    this.#stopped = true
    this.#reason = error
    if (!this.#begun) this.connection.server.streams.forgetIdle(this.stream)
    else if (this.#entry === undefined) this.#finish()
    else if (!this.#isDrained) this.#flush(this.#entry)
  }

  /** The publish has not ended before the Transforms have given out what they hold, or have taken too long. */
  #flush(entry: Duplex): void {
    const { hookTimeout } = this.connection.server.limits
    this.connection.endsAfter(
      new Promise(resolve => {
        this.#ended.push(resolve)
      }),
    )
    this.#flushTimer = setTimeout(() => this.#giveUp(hookTimeout), hookTimeout)
    entry.end()
  }

  #giveUp(hookTimeout: number): void {
    const error = overdue(this.#transforms, hookTimeout)
    this.connection.log.error(
      { stream: shownName(this.streamName), err: error },
      'a bindPublish stage does not end: destroyed',
    )
    // Not after the Transforms have closed: they may never do.
    this.#finish(error)
    for (const transform of this.#transforms) transform.destroy(error)
  }

  #drained(error?: Error): void {
    if (this.#finished) return
    this.#isDrained = true
    if (error)
      this.connection.log.error({ stream: shownName(this.streamName), err: error }, 'a bindPublish stage failed')
    if (!this.#stopped) this.end(error ? status('NetStream.Failed', 'internal error') : undefined)
    this.#finish(error)
  }

  #finish(failure?: Error): void {
    this.#finished = true
    this.connection.server.publishers.delete(this)
    clearTimeout(this.#flushTimer)
    const error = this.#reason ?? failure
    // The stream forgets what it was made of.
    this.#mediaLine?.say()
    this.stream.endPublish(error)
    this.#logEnd(error)
    void this.connection.hooks.notice('onPublishEnd', this, error ? { error } : {})
    for (const ended of this.#ended) ended()
  }

  #logEnd(error: Error | undefined): void {
    const { app, connection, stream, streamName } = this
    const reason = this.#endedBy?.description ?? (connection.goodbye || 'unpublished')
    connection.log.info(
      {
        app,
        stream: shownName(streamName),
        duration: Date.now() - this.#since,
        bytes: stream.bytes,
        ...(this.#endedBy && { code: this.#endedBy.code }),
        ...endFields(error, shownReason(reason, streamName)),
      },
      'publish ended',
    )
  }

  #toStream(message: RtmpMessage): void | Promise<void> {
    if (this.#finished) return
    const goesOn = this.stream.write(message)
    if (this.#mediaLine?.look() === true) this.#mediaLine = undefined
    return goesOn ? undefined : this.stream.writable()
  }

  /** Data that is to be kept for late players, whatever its name. */
  #kept(payload: Buffer): Buffer {
    const name = payload.length === 0 ? undefined : new Amf0Reader(payload).read()
    if (typeof name === 'string') this.stream.keepData(name)
    return payload
  }

  #unwrap(message: RtmpMessage): Buffer | undefined {
    const payload = asAmf0Data(message)?.payload
    if (payload === undefined) {
      this.connection.log.debug({ stream: shownName(this.streamName) }, 'unreadable data message ignored')
      return undefined
    }
    const metadata = mendedMetadata(payload)
    if (metadata !== undefined) return metadata
    try {
      const reader = new Amf0Reader(payload)
      const handler = reader.read()
      if (handler === '@setDataFrame') return this.#kept(payload.subarray(reader.position))
      if (handler !== '@clearDataFrame') return payload
      const name = reader.read()
      if (name === 'onMetaData') this.stream.clearMetadata()
      else if (typeof name === 'string') this.stream.clearData(name)
    } catch (error) {
      if (!(error instanceof AmfError)) throw error
      this.connection.log.debug({ err: error }, 'unreadable data message ignored')
    }
    return undefined
  }
}

/** The first Transform that still has something to give out is the one that keeps the others waiting. */
function overdue(transforms: readonly Duplex[], timeout: number): PluginError {
  const stuck = transforms.find(({ readableEnded }) => !readableEnded)
  return new PluginError(pluginOf(stuck), 'bindPublish', `its Transform has not ended within ${timeout} ms`)
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
