import type { RtmpMessage } from '@rtmpipe/session/client'
import { TagType } from '@rtmpipe/flv'
import { CaptureError } from './capture-error.ts'
import { CommonStart, type MediaKind } from './common-start.ts'
import { Congestion, type Slowness } from './congestion.ts'
import { metadataBody } from './metadata.ts'
import { readPictures } from './read-pictures.ts'
import { readSound } from './read-sound.ts'
import { RecentRates } from './recent-rates.ts'
import { type AudioChoice, SoundLine } from './sound-line.ts'
import { SourceClock } from './source-clock.ts'
import { type VideoChoice, VideoLine } from './video-line.ts'

/** Milliseconds without a new picture after which the last one is sent again: a still screen sends none by itself. */
const still = 500
/** Milliseconds of sound that wait for the first picture: servers give nobody sound that comes before it. */
const longestHeld = 2_000
/** Encoders that may fail before we give up. */
const maxFailures = 3

/** Where a {@link MediaFeed} sends to. */
export interface FeedSink {
  /** False while there is no connection: then nothing is encoded. */
  readonly isOpen: boolean
  /** More is waiting for the line than it should. */
  readonly isFull: boolean
  send(message: RtmpMessage): void
  /** Pictures are left out. */
  slow(what: Slowness, bitrate: number): void
  /** A camera or microphone has stopped, or an encoder has failed. */
  failed(error: CaptureError): void
  /** There is nothing left to send. */
  ended(): void
}

/** What to make of the tracks. */
export interface FeedOptions {
  readonly video: VideoChoice | undefined
  readonly audio: AudioChoice | undefined
  /** Most pictures per second; default: all. */
  readonly frameRate: number | undefined
  /** Milliseconds. */
  readonly keyframeInterval: number
}

/** Reads the tracks of a MediaStream, and makes messages of them while its sink is open. */
export class MediaFeed {
  readonly #options: FeedOptions
  readonly #sink: FeedSink
  readonly #stops = new Map<MediaKind, () => void>()
  readonly #congestion: Congestion
  readonly #rates = new RecentRates()
  readonly #clocks = { video: new SourceClock(), audio: new SourceClock() }
  #video: VideoLine | undefined
  #sound: SoundLine | undefined
  #start = new CommonStart([])
  /** Sound from before the first picture. */
  #held: { readonly bodies: readonly Buffer[]; readonly time: number }[] = []
  /** Something has been sent. */
  #isUnderWay = false
  /** Timestamp of what was sent last. */
  #sentAt = 0
  /** Size that was told last. */
  #told = ''
  #last: { readonly frame: VideoFrame; readonly at: number } | undefined
  #dueAt = 0
  #slowAt = -Infinity
  #failures = 0

  constructor(options: FeedOptions, sink: FeedSink) {
    this.#options = options
    this.#sink = sink
    this.#congestion = new Congestion(options.video?.bitrate ?? 0)
  }

  /** Begins to read. */
  open(video: MediaStreamTrack | undefined, audio: MediaStreamTrack | undefined): void {
    if (video !== undefined && this.#options.video !== undefined) {
      this.#video = this.#videoLine(this.#options.video)
      this.#read(
        'video',
        video,
        readPictures(video, this.#options.video.frameRate, frame => this.#take(frame)),
      )
    }
    if (audio !== undefined && this.#options.audio !== undefined) {
      this.#sound = this.#soundLine(this.#options.audio)
      this.#read(
        'audio',
        audio,
        readSound(audio, data => this.#hear(data)),
      )
    }
  }

  /** The sink is new: everything begins again, with headers and a keyframe. */
  startAgain(): void {
    this.#start = new CommonStart(this.#stops.keys())
    this.#held = []
    this.#isUnderWay = false
    this.#told = ''
    this.#sentAt = 0
    this.#video?.startAgain()
    this.#sound?.startAgain()
  }

  /** It is so late: called a few times per second. */
  beat(now: number): void {
    if (this.#last === undefined || now - this.#last.at < still) return
    const { frame, at } = this.#last
    this.#picture(new VideoFrame(frame, { timestamp: frame.timestamp + (now - at) * 1000 }), now)
  }

  stats(now: number): { bitrate: number; fps: number; dropped: number; encodeQueue: number } {
    const { dropped } = this.#congestion
    return { ...this.#rates.at(now), dropped, encodeQueue: this.#video?.waiting ?? 0 }
  }

  /** Ends reading and encoding; the tracks go on. */
  close(): void {
    for (const stop of this.#stops.values()) stop()
    this.#stops.clear()
    this.#video?.close()
    this.#sound?.close()
    this.#last?.frame.close()
    this.#last = undefined
  }

  #read(kind: MediaKind, track: MediaStreamTrack, stop: () => void): void {
    const ended = (): void => {
      this.#stops.get(kind)?.()
      const isOver = this.#stops.size === 0
      const what = kind === 'video' ? 'The picture' : 'The sound'
      const goesOn = isOver ? '' : kind === 'video' ? ' The sound goes on.' : ' The picture goes on.'
      const why = 'its source was unplugged or closed, or the permission was taken back.'
      this.#sink.failed(new CaptureError('RTMP_ERR_CAPTURE', `${what} has ended: ${why}${goesOn}`))
      if (isOver) this.#sink.ended()
    }
    track.addEventListener('ended', ended)
    this.#stops.set(kind, () => {
      this.#stops.delete(kind)
      track.removeEventListener('ended', ended)
      stop()
      if (kind === 'audio') return
      this.#last?.frame.close()
      this.#last = undefined
    })
    if (track.readyState === 'ended') ended()
  }

  #take(frame: VideoFrame): void {
    const now = performance.now()
    this.#clocks.video.see(frame.timestamp / 1000, now)
    if (!this.#stops.has('video')) return frame.close()
    this.#picture(frame, now)
  }

  /** Encodes it, or leaves it out; keeps it until the next one comes. */
  #picture(frame: VideoFrame, now: number): void {
    this.#last?.frame.close()
    this.#last = { frame, at: now }
    const video = this.#video
    if (video === undefined || !this.#sink.isOpen || this.#isTooSoon(now)) return
    if (!this.#start.takes('video', this.#clocks.video.at(frame.timestamp / 1000))) return
    const isAdmitted = this.#congestion.admits(now, video.waiting, this.#sink.isFull)
    const { slow, bitrate } = this.#congestion
    if (isAdmitted) video.encode(frame, now, bitrate, this.#options.keyframeInterval)
    else if (slow !== undefined && now - this.#slowAt >= 1_000) {
      this.#slowAt = now
      this.#sink.slow(slow, bitrate)
    }
  }

  #isTooSoon(now: number): boolean {
    const { frameRate } = this.#options
    if (frameRate === undefined) return false
    const interval = 1000 / frameRate
    // Pictures come a little early or late.
    if (now < this.#dueAt - interval / 4) return true
    this.#dueAt = Math.max(this.#dueAt + interval, now)
    return false
  }

  #hear(data: AudioData): void {
    const sound = this.#sound
    if (sound !== undefined && this.#stops.has('audio')) {
      const timestamp = data.timestamp / 1000
      this.#clocks.audio.see(timestamp, performance.now())
      if (this.#sink.isOpen) {
        this.#start.takes('audio', this.#clocks.audio.at(timestamp))
        sound.encode(data)
      }
    }
    data.close()
  }

  #coded(kind: MediaKind, bodies: readonly Buffer[], at: number): void {
    if (!this.#sink.isOpen) return
    const time = this.#clocks[kind].at(at)
    if (kind === 'audio' && this.#isHeld(time)) return void this.#held.push({ bodies, time })
    this.#introduce()
    if (kind === 'video') this.#send(kind, bodies, time)
    this.#isUnderWay = true
    for (const held of this.#held.splice(0)) this.#send('audio', held.bodies, held.time)
    if (kind === 'audio') this.#send(kind, bodies, time)
  }

  /** Sound waits for the first picture, if there will be one. */
  #isHeld(time: number): boolean {
    if (this.#start.hasBegun && (this.#isUnderWay || !this.#stops.has('video'))) return false
    return time - (this.#held[0]?.time ?? time) < longestHeld
  }

  #send(kind: MediaKind, bodies: readonly Buffer[], time: number): void {
    const timestamp = this.#start.timestampOf(kind, time)
    // The headers of what is too early are for what comes after it.
    const wanted = timestamp === undefined ? bodies.slice(0, -1) : bodies
    for (const payload of wanted)
      this.#message(kind === 'video' ? TagType.Video : TagType.Audio, timestamp ?? this.#sentAt, payload)
    if (timestamp !== undefined) {
      this.#sentAt = timestamp
      const bytes = bodies.reduce((sum, { length }) => sum + length, 0)
      this.#rates.add(performance.now(), bytes, kind === 'video')
    }
  }

  /** Tells what is published, again after another size. */
  #introduce(): void {
    const [video, audio] = [this.#video?.choice, this.#sound?.choice]
    const told = `${video?.width}x${video?.height}`
    if (told === this.#told) return
    this.#told = told
    this.#message(TagType.Script, this.#sentAt, metadataBody({ video, audio }))
  }

  #message(messageTypeId: number, timestamp: number, payload: Buffer): void {
    this.#sink.send({ messageTypeId, messageStreamId: 0, timestamp, payload })
  }

  #videoLine(choice: VideoChoice): VideoLine {
    return new VideoLine(
      choice,
      (bodies, at) => this.#coded('video', bodies, at),
      error => this.#again(error, () => (this.#video = this.#videoLine(choice))),
    )
  }

  #soundLine(choice: AudioChoice): SoundLine {
    return new SoundLine(
      choice,
      (bodies, at) => this.#coded('audio', bodies, at),
      error => this.#again(error, () => (this.#sound = this.#soundLine(choice))),
    )
  }

  /** Another encoder in the place of one that has failed. */
  #again(cause: Error, replace: () => void): void {
    this.#failures += 1
    const isOver = this.#failures > maxFailures
    this.#sink.failed(
      new CaptureError('RTMP_ERR_ENCODER', `The encoder of this browser has failed: ${cause.message}`, { cause }),
    )
    if (isOver) this.#sink.ended()
    else replace()
  }
}
