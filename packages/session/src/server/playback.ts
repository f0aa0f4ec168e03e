import { userControl } from '@rtmpipe/chunk-stream'
import type { Duplex } from 'node:stream'
import type { PlayInfo } from '../info.ts'
import type { LiveStream } from '../live/live-stream.ts'
import type { Status } from '../status.ts'
import type { NetConnection } from './net-connection.ts'
import type { NetStream } from './net-stream.ts'

/** What a player asked for. */
export interface PlayRequest {
  readonly app: string
  readonly streamName: string
  readonly query: URLSearchParams
}

/** A play in progress; live and private sources differ in where the messages come from. */
export abstract class Playback implements PlayInfo {
  readonly connection: NetConnection
  readonly app: string
  readonly streamName: string
  readonly query: URLSearchParams
  readonly #netStream: NetStream
  #stopped = false

  constructor(netStream: NetStream, connection: NetConnection, request: PlayRequest) {
    this.#netStream = netStream
    this.connection = connection
    this.app = request.app
    this.streamName = request.streamName
    this.query = request.query
  }

  get messageStreamId(): number {
    return this.#netStream.id
  }

  /** True once it is over, by whomever. */
  protected get stopped(): boolean {
    return this.#stopped
  }

  abstract get dropped(): number
  abstract get stream(): LiveStream | undefined

  /** The replies that say "it begins" have been sent: send media. */
  start(): void {
    this.open()
    if (this.#stopped) return
    this.connection.log.info({ app: this.app, stream: this.streamName }, 'play started')
    void this.connection.context.hooks.notice('onPlayStart', this)
  }

  /** Audio or video wanted or not (RTMP 1.0 §7.2.2.4, §7.2.2.5). */
  abstract receive(kind: 'audio' | 'video', wanted: boolean): void
  abstract pause(paused: boolean): void
  /** @returns the position it went to in milliseconds, or undefined where there is no seeking */
  abstract seek(timestamp: number): Promise<number | undefined>

  end(reason?: Status): void {
    if (this.#stopped) return
    if (reason !== undefined) this.#netStream.end(reason)
    else this.#netStream.end({ level: 'status', code: 'NetStream.Play.Stop', description: 'the play was ended' })
  }

  /** To be called by the NetStream. */
  stop(error?: Error): void {
    if (this.#stopped) return
    this.#stopped = true
    this.close()
    const { connection, app, streamName, dropped } = this
    connection.log.info({ app, stream: streamName, dropped, ...(error && { err: error }) }, 'play ended')
    void connection.context.hooks.notice('onPlayEnd', this, error ? { error } : {})
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

/** Lets go of Transforms that are not needed after all. */
export function discard(transforms: readonly Duplex[]): void {
  for (const transform of transforms) transform.destroy()
}
