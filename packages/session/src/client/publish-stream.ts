import { encodeAmf0 } from '@rtmpipe/amf'
import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import type { Writable as NodeWritable } from 'node:stream'
import { Writable } from 'readable-stream'
import { commandMessage } from '../protocol/command.ts'
import { isAnnouncement } from '../protocol/data-header.ts'
import { isPictureRole, MediaRole, mediaRole } from '../protocol/media-role.ts'
import { StreamCache } from '../live/cache/stream-cache.ts'
import type { PublishingType } from '../contract/info.ts'
import { sendPaced } from '../peer/send-paced.ts'
import { aggregated } from './aggregated.ts'
import type { ClientConnection } from './client-connection.ts'
import { ClientStream, type StreamStatus } from './client-stream.ts'

/** How to publish. */
export interface PublishOptions {
  /** Default `live`. */
  readonly type?: PublishingType
  /**
   * Send audio and video that was written while earlier ones were on their way as Aggregates (RTMP 1.0 §7.1.6): fewer
   * and longer messages. Not all servers take them. Default false.
   */
  readonly aggregate?: boolean
  /**
   * Where it goes. `peers` are other clients of the server, which play it with their option `peer`: media goes directly to
   * them, and the server gets none of it, whatever `type` says. Only over RTMFP; it ends with the connection, also where that
   * is followed by another one. Default `server`.
   */
  readonly to?: 'server' | 'peers'
  /** Most peers that may play it at a time; more are refused. Default 8. */
  readonly maxPeers?: number
}

const setDataFrame = encodeAmf0('@setDataFrame')

/** Milliseconds to wait for a keyframe when the connection changes. */
const boundaryTimeout = 2_000

/**
 * A Writable of messages that are published; its end tells the server that the publish is over. `'status'` gives the
 * server's `onStatus` as a {@link StreamStatus}.
 */
export class PublishStream extends Writable {
  /** The name that was asked for, query included. */
  readonly streamName: string
  readonly #options: PublishOptions
  /** Metadata and headers, which a new connection needs before media goes on. */
  readonly #cache = new StreamCache(false)
  #connection: ClientConnection | undefined
  /** Takes the messages instead of a connection, for peers. */
  #publication: NodeWritable | undefined
  #id = 0
  #hasVideo = false
  /** Called at the next keyframe. */
  #boundary: (() => void) | undefined
  /** Written messages wait for it, between two connections. */
  #gate: { readonly opened: Promise<void>; readonly open: () => void } | undefined

  constructor(streamName: string, options: PublishOptions) {
    super({ objectMode: true })
    this.streamName = streamName
    this.#options = options
    if (options.aggregate === true && options.to !== 'peers') this.#sendTogether()
  }

  /** For {@link RtmpClient.publish}. */
  async startOn(connection: ClientConnection): Promise<void> {
    const { streamName } = this
    // Not in the specification, but some servers want them before createStream. Their answers don't matter.
    for (const name of ['releaseStream', 'FCPublish']) connection.command(name, null, streamName).catch(() => {})
    const id = await connection.createStream()
    const control = new ClientStream(
      {
        status: status => void this.emit('status', status),
        ended: () => void this.destroy(),
        failed: error => void this.destroy(error),
      },
      connection.callTimeout,
    )
    await connection.start(id, control, () => {
      const started = control.start('publish')
      connection.send(commandMessage(id, 'publish', 0, null, streamName, this.#options.type ?? 'live'))
      return started
    })
    this.#connection = connection
    this.#id = id
    if (this.destroyed) connection.deleteStream(id)
  }

  /** For {@link RtmpClient.publish} to peers. */
  startInto(publication: NodeWritable): void {
    this.#publication = publication
    publication.on('status', (status: StreamStatus) => void this.emit('status', status))
    publication.on('error', error => void this.destroy(error))
    publication.once('close', () => void this.destroy())
  }

  /** Publishes again after a reconnect: metadata and headers are sent again first. */
  async startAgainOn(connection: ClientConnection): Promise<void> {
    try {
      await this.startOn(connection)
      for (const message of this.#cache.snapshot()) connection.output.send(this.#addressed(message))
      this.goOn()
    } catch (error) {
      this.destroy(error as Error)
    }
  }

  /**
   * Resolves at the next keyframe, or after a short time; messages written after that wait until
   * {@link PublishStream.goOn}.
   */
  pauseAtKeyframe(): Promise<void> {
    if (this.destroyed) return Promise.resolve()
    return new Promise(resolve => {
      const reached = () => {
        clearTimeout(timer)
        this.#boundary = undefined
        let open = () => {}
        const opened = new Promise<void>(resolve => {
          open = resolve
        })
        this.#gate = { opened, open }
        resolve()
      }
      const timer = setTimeout(reached, boundaryTimeout)
      this.#boundary = reached
      if (!this.#hasVideo) reached()
    })
  }

  /** Ends the wait: messages go out again. */
  goOn(): void {
    this.#boundary?.()
    this.#gate?.open()
    this.#gate = undefined
  }

  /** The connection is left. */
  leave(): void {
    this.#connection = undefined
  }

  override _write(message: RtmpMessage, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#publication === undefined) this.#send([message], done)
    else this.#publication.write(message, done)
  }

  /** Each write ends one turn of the event loop later, so that writes of the same turn can be sent together. */
  #sendTogether(): void {
    this._write = (message: RtmpMessage, _encoding, done) => {
      this.#send([message], error => void setImmediate(done, error))
    }
    this._writev = (written, done) => {
      const messages = written.map(({ chunk }) => chunk as RtmpMessage)
      this.#send(messages, error => void setImmediate(done, error))
    }
  }

  #addressed(message: RtmpMessage): RtmpMessage {
    return { ...asPublished(message), messageStreamId: this.#id }
  }

  #send(written: readonly RtmpMessage[], done: (error?: Error | null) => void): void {
    const messages = written.map(withBuffer)
    for (const message of messages) this.#remember(message)
    if (this.#gate !== undefined) void this.#gate.opened.then(() => this.#sendNow(messages, done))
    else this.#sendNow(messages, done)
  }

  #remember(message: RtmpMessage): void {
    const role = mediaRole(message)
    if (isPictureRole(role)) this.#hasVideo = true
    if (role === MediaRole.Keyframe) this.#boundary?.()
    this.#cache.add(message, role)
  }

  #sendNow(messages: readonly RtmpMessage[], done: (error?: Error | null) => void): void {
    const output = this.#connection?.output
    if (output === undefined) return done()
    const all = messages.map(message => this.#addressed(message))
    const sent = this.#options.aggregate === true ? aggregated(all) : all
    const last = sent.length - 1
    try {
      for (const message of sent.slice(0, last)) output.send(message)
      sendPaced(output, sent[last] as RtmpMessage, done)
    } catch (error) {
      done(error as Error)
    }
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.#publication !== undefined) return void this.#publication.end(done)
    const end = () => {
      this.#connection?.send(commandMessage(0, 'FCUnpublish', 0, null, this.streamName))
      this.#connection?.deleteStream(this.#id)
      done()
    }
    if (this.#gate !== undefined) void this.#gate.opened.then(end)
    else end()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.goOn()
    this.#publication?.destroy()
    this.#connection?.deleteStream(this.#id)
    done(error)
  }
}

/** Pages have bytes that are no Buffer. */
function withBuffer(message: RtmpMessage): RtmpMessage {
  const payload: Uint8Array = message.payload
  if (Buffer.isBuffer(payload)) return message
  return { ...message, payload: Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength) }
}

/**
 * Metadata, and what OBS says of tracks that come as data, are published wrapped in `@setDataFrame` as encoders do, so
 * that the server keeps them for late players.
 */
function asPublished(message: RtmpMessage): RtmpMessage {
  if (message.messageTypeId !== MessageType.DataAmf0) return message
  if (mediaRole(message) !== MediaRole.Metadata && !isAnnouncement(message.payload)) return message
  return { ...message, payload: Buffer.concat([setDataFrame, message.payload]) }
}
