import { userControl } from '@rtmpipe/chunk-stream'
import { playStatusMessage } from '../../protocol/command.ts'
import { withQuery } from '../../protocol/stream-target.ts'
import { shownName, shownReason } from '../../protocol/shown-name.ts'
import type { Duplex } from 'node:stream'
import type { Context } from '../../contract/context.ts'
import type { Lag, PlayInfo } from '../../contract/info.ts'
import { PRINCIPAL, type Principal } from '../../contract/principal.ts'
import type { LiveStream } from '../../live/live-stream.ts'
import { type Status, status } from '../../protocol/status.ts'
import { Announcement } from '../../hooks/announcement.ts'
import { endFields } from '../../peer/end-fields.ts'
import type { NetConnection } from '../net-connection.ts'
import type { NetStream } from '../net-stream.ts'

/** What a player asked for. */
export interface PlayRequest {
  readonly app: string
  readonly streamName: string
  readonly query: URLSearchParams
  readonly rawQuery: string
  readonly context: Context
  /** Milliseconds; undefined is all of it. */
  readonly duration?: number | undefined
}

/** A play in progress; live and private sources differ in where the messages come from. */
export abstract class Playback implements PlayInfo {
  readonly connection: NetConnection
  readonly #number: number
  readonly app: string
  readonly streamName: string
  readonly query: URLSearchParams
  readonly rawQuery: string
  readonly context: Context
  readonly #netStream: NetStream
  readonly #announcement = new Announcement()
  #started = false
  /** Why it was ended from our side. */
  #endedBy: Status | undefined
  #stopped = false
  #since = 0
  /** Bytes that the connection had taken when the play began. */
  #takenBefore = 0
  /** Bytes of the play, once it is over. */
  #bytes: number | undefined
  #droppedBefore = 0
  #droppedByConnection: number | undefined

  constructor(netStream: NetStream, connection: NetConnection, request: PlayRequest) {
    this.#netStream = netStream
    this.connection = connection
    this.#number = connection.nextPlay()
    this.app = request.app
    this.streamName = request.streamName
    this.query = request.query
    this.rawQuery = request.rawQuery
    this.context = request.context
  }

  get id(): string {
    return `${this.connection.id}.${this.#number}`
  }

  get principal(): Principal | undefined {
    return this.context.get(PRINCIPAL)
  }

  get messageStreamId(): number {
    return this.#netStream.id
  }

  get bufferLength(): number {
    return this.#netStream.bufferLength
  }

  get since(): Date {
    return new Date(this.#since)
  }

  get bytes(): number {
    return this.#bytes ?? this.#taken - this.#takenBefore
  }

  get dropped(): number {
    return this.droppedHere + (this.#droppedByConnection ?? this.#droppedSoFar - this.#droppedBefore)
  }

  get #droppedSoFar(): number {
    return this.connection.messages.dropped ?? 0
  }

  get lag(): Lag {
    const { bytes, duration } = this.waiting
    const { queuedBytes, lag = 0 } = this.connection.messages
    return { bytes: bytes + queuedBytes, duration: duration + lag }
  }

  /** What waits in the queues of the play. */
  protected get waiting(): Lag {
    return { bytes: 0, duration: 0 }
  }

  /** Bytes that the operating system has taken for the connection. */
  get #taken(): number {
    const { bytesSent, queuedBytes } = this.connection.messages
    return Math.max(bytesSent - queuedBytes, 0)
  }

  /** True once the play is over, whoever ended it. */
  protected get stopped(): boolean {
    return this.#stopped
  }

  /** Messages that its own queues did not give to the connection. */
  protected abstract get droppedHere(): number
  abstract get stream(): LiveStream | undefined

  /**
   * The replies that say "it begins" have been sent: send media.
   *
   * @returns false when a bind hook ended it
   */
  start(): boolean {
    this.#since = Date.now()
    this.#takenBefore = this.#taken
    this.#droppedBefore = this.#droppedSoFar
    this.open()
    if (this.#stopped) return false
    this.#started = true
    this.connection.server.players.add(this)
    const { connection, app, streamName, principal } = this
    connection.log.info(
      { app, stream: shownName(streamName), ...(principal && { principal: principal.id }) },
      'play started',
    )
    this.#announcement.make(() => void this.connection.hooks.notice('onPlayStart', this))
    return true
  }

  /** Says whether audio or video is wanted (RTMP 1.0 §7.2.2.4, §7.2.2.5). */
  abstract receive(kind: 'audio' | 'video', wanted: boolean): void
  abstract pause(paused: boolean): void
  /** @returns the new position in milliseconds, or undefined if the play can't seek */
  abstract seek(timestamp: number): Promise<number | undefined>

  tell(event: 'StreamDry' | 'BufferEmpty' | 'BufferReady'): void {
    if (!this.#stopped) this.connection.send(userControl({ type: event, messageStreamId: this.messageStreamId }))
  }

  end(reason?: Status): void {
    if (this.#stopped) return
    this.#endedBy = reason ?? status('NetStream.Play.Stop', 'the play was ended')
    this.#netStream.end(this.#endedBy)
  }

  /** To be called by the NetStream. */
  stop(error?: Error): void {
    if (this.#stopped || this.#announcement.postpones(() => this.stop(error))) return
    this.#stopped = true
    this.#bytes = this.bytes
    this.#droppedByConnection = this.#droppedSoFar - this.#droppedBefore
    this.connection.server.players.delete(this)
    this.close()
    // Plugins have not been told of its start.
    if (!this.#started) return
    const { connection, app, streamName, dropped, bytes } = this
    const duration = Date.now() - this.#since
    const reason = this.#endedBy?.description ?? (connection.goodbye || 'stopped by the player')
    connection.log.info(
      {
        app,
        stream: shownName(streamName),
        duration,
        bytes,
        dropped,
        ...endFields(error, shownReason(reason, streamName)),
      },
      'play ended',
    )
    void connection.hooks.notice('onPlayEnd', this, error ? { error } : {})
  }

  redirect(streamName: string): void {
    if (this.#stopped) return
    const { connection, messageStreamId } = this
    const args = [{ streamName: withQuery(streamName, this.rawQuery), start: -2, len: -1, transition: 'switch' }]
    const command = { name: 'play2', transactionId: 0, commandObject: null, args, messageStreamId }
    Promise.resolve(connection.obey(command)).catch((error: Error) => void connection.messages.destroy(error))
  }

  /** The play is complete: the next entry of the playlist follows, or the end. */
  protected complete(): void {
    if (this.#stopped) return
    const { connection, messageStreamId, streamName } = this
    const next = this.#netStream.takeNext()
    if (next !== undefined) {
      const info = status('NetStream.Play.Switch', `${streamName} has ended, and the next begins`)
      connection.send(playStatusMessage(messageStreamId, info))
      next().catch((error: Error) => void connection.messages.destroy(error))
      return
    }
    this.sendStreamEof()
    this.end(status('NetStream.Play.Stop', `${streamName} has ended`))
    // Sent last, because players that don't know it take it for media.
    connection.send(playStatusMessage(messageStreamId, status('NetStream.Play.Complete', `${streamName} has ended`)))
  }

  protected abstract open(): void
  protected abstract close(): void

  protected sendStreamBegin(): void {
    this.connection.send(userControl({ type: 'StreamBegin', messageStreamId: this.messageStreamId }))
  }

  protected sendStreamEof(): void {
    this.connection.send(userControl({ type: 'StreamEof', messageStreamId: this.messageStreamId }))
  }
}

/** Destroys Transforms that are not needed after all. */
export function discard(transforms: readonly Duplex[]): void {
  for (const transform of transforms) transform.destroy()
}
