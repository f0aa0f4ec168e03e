import { UsageError } from '@rtmpipe/chunk-stream'
import { type PublishStream, splitStreamUrl, StatusError } from '@rtmpipe/session/client'
import { connect, type ConnectOptions } from '../connect.ts'
import { Emitter } from '../player/emitter.ts'
import { streamAddress } from '../player/stream-address.ts'
import { CaptureError } from './capture-error.ts'
import type { PublishedAudio, PublishedVideo } from './codecs.ts'
import type { Slowness } from './congestion.ts'
import { heartbeat } from './heartbeat.ts'
import { MediaFeed } from './media-feed.ts'
import { type AudioChoice, chooseAudio } from './sound-line.ts'
import { type Opened, Upstream } from './upstream.ts'
import { chooseVideo, type VideoChoice } from './video-line.ts'

/** Milliseconds between two looks at the clock. */
const beatInterval = 250

/** What a {@link Publisher} makes of its media. */
export interface PublisherOptions {
  /** Codecs to try, best first, or no pictures. Default `['avc1', 'vp09', 'av01']`: H.264, VP9, AV1. */
  readonly video?: readonly PublishedVideo[] | false
  /** Codecs to try, best first, or no sound. Default `['opus', 'mp4a']`: Opus, AAC. */
  readonly audio?: readonly PublishedAudio[] | false
  /** Bits per second of the pictures while the line has room; default 2,000,000. */
  readonly bitrate?: number
  /** Bits per second of the sound; default 96,000. */
  readonly audioBitrate?: number
  /** Most pictures per second; default: all that come. */
  readonly frameRate?: number
  /** Milliseconds from one keyframe to the next, which is as long as a late viewer may wait; default 2,000. */
  readonly keyframeInterval?: number
  /** How to connect, where `publish` is given a URL. */
  readonly connect?: ConnectOptions
}

/** What a {@link Publisher} tells. */
export interface PublisherEvents {
  /** The server takes the stream, for the first time or after the connection was lost. */
  live: []
  /**
   * Pictures are left out, because encoder or line is too slow; told once a second at most, with the bits per second that
   * the encoder should make now.
   */
  slow: [what: Slowness, bitrate: number]
  /** The server does not want the stream. The message is its answer. */
  refused: [error: StatusError]
  /** The connection is lost. Capturing goes on, and it connects again in so many milliseconds. */
  reconnecting: [error: Error, delay: number]
  /** Something has gone wrong, in a sentence; if it is the end, `end` follows. */
  error: [error: Error]
  /** It is over: stopped, refused, ended by the server, or there is nothing left to send. */
  end: []
}

/** Figures of a {@link Publisher}, of the last two seconds. */
export interface PublisherStats {
  /** Bits per second that were sent. */
  readonly bitrate: number
  /** Pictures per second that were sent. */
  readonly fps: number
  /** Pictures left out before they were encoded, since the start. */
  readonly dropped: number
  /** Pictures that wait for the encoder. */
  readonly encodeQueue: number
  /** Milliseconds to the server and back; undefined where that is not known. */
  readonly roundTrip: number | undefined
}

/**
 * A live stream of a page: reads a MediaStream, encodes it and publishes it. It goes on in a hidden page, and connects again
 * when the connection is lost.
 *
 * @example
 * ```ts
 * const media = await navigator.mediaDevices.getUserMedia({ video: true, audio: true })
 * const publisher = new Publisher(media, { bitrate: 2_000_000 })
 * publisher.on('error', error => console.log(error.message))
 * await publisher.publish(`wss://${location.host}/live/stream?key=6c1f0a`)
 * ```
 */
export class Publisher extends Emitter<PublisherEvents> {
  /** What is published. */
  readonly media: MediaStream
  readonly #options: PublisherOptions
  #feed: MediaFeed | undefined
  #upstream: Upstream | undefined
  #stopBeat = (): void => {}

  /**
   * @param media camera, microphone, screen, `canvas.captureStream()`, the destination of Web Audio; its tracks stay the
   *   caller's, and go on after the end
   */
  constructor(media: MediaStream, options: PublisherOptions = {}) {
    super()
    this.media = media
    this.#options = options
  }

  /** How it goes. */
  get stats(): PublisherStats {
    const none = { bitrate: 0, fps: 0, dropped: 0, encodeQueue: 0 }
    return { ...(this.#feed?.stats(performance.now()) ?? none), roundTrip: this.#upstream?.roundTrip }
  }

  /**
   * Begins. Resolves when the server takes the stream, or when it is stopped before. A URL is connected to again when the
   * connection is lost; a stream of a client ends with it. Pages can't set headers of a WebSocket: a key goes into the query, and
   * cookies of the origin come along.
   *
   * @param target `wss://host/app/name?key=secret`, a path of the page's own server like `/app/name`, or what `client.publish()`
   *   gives
   * @throws StatusError when the server refuses, CaptureError `RTMP_ERR_ENCODER` for what this browser can't encode,
   *   `RTMP_ERR_CAPTURE` without a track, UsageError for a URL that can't be meant or when it has begun already, an error of the
   *   transport when nobody answers
   */
  async publish(target: string | PublishStream): Promise<void> {
    if (this.#upstream !== undefined) throw new UsageError('RTMP_ERR_USAGE', 'publish: it has begun already')
    const isUrl = typeof target === 'string'
    const upstream = new Upstream(async signal => (isUrl ? this.#dial(target, signal) : given(target)), isUrl, {
      up: () => this.#up(),
      down: (error, delay) => this.#down(error, delay),
      refused: error => this.#refused(error),
      ended: () => void this.stop(),
    })
    this.#upstream = upstream
    try {
      const [video] = this.#options.video === false ? [] : this.media.getVideoTracks()
      const [audio] = this.#options.audio === false ? [] : this.media.getAudioTracks()
      const choices = {
        video: video && (await this.#chosenVideo(video)),
        audio: audio && (await this.#chosenAudio(audio)),
      }
      if (video === undefined && audio === undefined)
        throw new CaptureError('RTMP_ERR_CAPTURE', 'There is neither picture nor sound to publish.')
      if (this.#upstream !== upstream) return
      const { frameRate, keyframeInterval = 2_000 } = this.#options
      this.#feed = new MediaFeed({ ...choices, frameRate, keyframeInterval }, this.#sink(upstream))
      await upstream.start()
      if (this.#upstream !== upstream) return
      this.#feed.open(video, audio)
      this.#feed.startAgain()
      this.#stopBeat = heartbeat(beatInterval, () => {
        upstream.beat(performance.now())
        this.#feed?.beat(performance.now())
      })
    } catch (error) {
      // Nobody waits for it any more.
      if (this.#upstream !== upstream) return
      if (error instanceof StatusError) this.emit('refused', error)
      await this.stop()
      throw error
    }
  }

  /** Ends the stream and its connection, which the server is told. The tracks go on. */
  async stop(): Promise<void> {
    const upstream = this.#upstream
    if (upstream === undefined) return
    this.#upstream = undefined
    this.#stopBeat()
    this.#feed?.close()
    this.#feed = undefined
    await upstream.close()
    this.emit('end')
  }

  async #chosenVideo(track: MediaStreamTrack): Promise<VideoChoice> {
    const { video, bitrate = 2_000_000, frameRate: most = Infinity } = this.#options
    const codecs = video || (['avc1', 'vp09', 'av01'] as const)
    const { width = 640, height = 360, frameRate = 30 } = track.getSettings()
    const shape = { width: width & ~1, height: height & ~1, frameRate: Math.min(frameRate, most) }
    const choice = 'VideoEncoder' in globalThis ? await chooseVideo(codecs, shape, bitrate) : undefined
    return choice ?? missing(codecs)
  }

  async #chosenAudio(track: MediaStreamTrack): Promise<AudioChoice> {
    const { audio, audioBitrate: bitrate = 96_000 } = this.#options
    const codecs = audio || (['opus', 'mp4a'] as const)
    const { sampleRate = 48_000, channelCount: channels = 1 } = track.getSettings()
    const choice =
      'AudioEncoder' in globalThis ? await chooseAudio(codecs, { bitrate, sampleRate, channels }) : undefined
    return choice ?? missing(codecs)
  }

  #sink(upstream: Upstream): ConstructorParameters<typeof MediaFeed>[1] {
    return {
      get isOpen() {
        return upstream.stream !== undefined
      },
      get isFull() {
        return upstream.isFull
      },
      send: message => void upstream.stream?.write(message),
      slow: (what, bitrate) => this.emit('slow', what, bitrate),
      failed: error => this.emit('error', error),
      ended: () => void this.stop(),
    }
  }

  #up(): void {
    this.#feed?.startAgain()
    this.emit('live')
  }

  #down(error: Error, delay: number | undefined): void {
    if (delay !== undefined) return this.emit('reconnecting', error, delay)
    this.emit('error', error)
    void this.stop()
  }

  #refused(error: StatusError): void {
    this.emit('refused', error)
    void this.stop()
  }

  async #dial(url: string, stopped: AbortSignal): Promise<Opened> {
    const { appUrl, streamName } = splitStreamUrl(streamAddress(url, location.origin))
    const { signal, ...options } = this.#options.connect ?? {}
    const client = await connect(appUrl, { ...options, signal: signal ? AbortSignal.any([signal, stopped]) : stopped })
    try {
      return {
        stream: await client.publish(streamName),
        roundTrip: () => client.estimate.roundTrip,
        isConnected: () => client.state === 'connected' && !client.messages.destroyed,
        close: () => client.close(),
      }
    } catch (error) {
      void client.close()
      throw error
    }
  }
}

/** A stream of the caller's, with a connection that is the caller's too. */
function given(stream: PublishStream): Opened {
  return { stream, roundTrip: () => undefined, isConnected: () => true, close: () => Promise.resolve() }
}

function missing(codecs: readonly string[]): never {
  throw new CaptureError('RTMP_ERR_ENCODER', `This browser has no encoder for ${codecs.join(', ')}.`)
}
