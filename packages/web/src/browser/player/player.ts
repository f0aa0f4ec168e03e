import type { PlayStream } from '@rtmpipe/session/client'
import { Emitter } from './emitter.ts'
import type { Fallback, Host } from './host.ts'
import { openHost } from './open-host.ts'
import { PlayerError, type PlayerEvents, type PlayerStats } from './player-events.ts'
import type { FromPipeline } from './protocol.ts'
import { Screen } from './screen.ts'
import { SmallWindow } from './small-window.ts'
import { Speaker } from './speaker.ts'

/** Options of a {@link Player}. */
export interface PlayerOptions {
  /** Begin without sound, as a page must that plays before anybody has clicked; default false. */
  readonly muted?: boolean
  /** From 0 to 1; default 1. */
  readonly volume?: number
  /**
   * What plays a URL by a video element where the browser has no WebCodecs, like mpegts.js and HTTP-FLV; returns what ends that.
   * Default: Media Source Extensions, with MP4 made in the page.
   */
  readonly fallback?: Fallback
}

/** Milliseconds between two looks at how it goes, and without anything new until that is told. */
const [lookEvery, patience] = [1_000, 1_500]
/** Milliseconds in which the rest of what has ended may still be shown. */
const rest = 1_000

/**
 * Plays a stream on a canvas, with sound. Pictures follow the sound; without sound they are drawn when they come.
 *
 * @example
 * ```ts
 * const player = new Player(document.querySelector('canvas')!, { muted: true })
 * player.on('unsupported', codec => alert(`this browser cannot decode ${codec}`))
 * await player.play('wss://example.com/live/stream')
 * ```
 */
export class Player extends Emitter<PlayerEvents> {
  /** What is drawn on. */
  readonly canvas: HTMLCanvasElement
  readonly #screen: Screen
  readonly #speaker: Speaker
  readonly #small: SmallWindow
  readonly #fallback: Fallback | undefined
  #host: Host | undefined
  /** Counts what is played: what comes of an older one is nobody's any more. */
  #turn = 0
  #started: { resolve(): void; reject(error: Error): void } | undefined
  #timer: ReturnType<typeof setInterval> | undefined
  #isPlaying = false
  #isOver = false
  #endedAt = 0
  #newest = 0
  #counts = { decoded: 0, dropped: 0 }
  #codecs: { video?: string; audio?: string } = {}

  /** @throws TypeError for a canvas that has a context of another kind than 2d */
  constructor(canvas: HTMLCanvasElement, { muted = false, volume = 1, fallback }: PlayerOptions = {}) {
    super()
    this.canvas = canvas
    this.#speaker = new Speaker(
      (port, sampleRate) => this.#host?.listen(port, sampleRate),
      () => {
        this.#setSound()
        this.emit('volume')
      },
      () => this.#came(),
    )
    this.#screen = new Screen(canvas, () => this.#speaker.time)
    this.#fallback = fallback
    this.#small = new SmallWindow(canvas)
    this.#speaker.volume = volume
    this.#speaker.muted = muted
  }

  /**
   * Plays instead of what was played before: a URL (`wss://host/app/stream`, or a path of
   * the page's own server; query included), in a worker and with a
   * connection of its own, which is made again when it is lost; or a stream of the page's own client, in the page, which
   * is destroyed at the end.
   * Resolves when the server has agreed, or when something else is played.
   *
   * @throws PlayerError when the server refuses
   */
  async play(source: string | PlayStream): Promise<void> {
    this.stop()
    const turn = this.#turn
    const told = (message: FromPipeline): void => {
      if (turn === this.#turn) this.#take(message)
      else if (message.type === 'picture') message.frame.close()
    }
    this.#timer = setInterval(() => this.#look(), lookEvery)
    const isUrl = typeof source === 'string'
    const started = isUrl && new Promise<void>((resolve, reject) => (this.#started = { resolve, reject }))
    const host = await openHost(source, told, this.#fallback).catch((error: Error) => {
      this.#started = undefined
      const failure = new PlayerError('RTMP_ERR_PLAYER', error.message)
      if (turn === this.#turn) this.#fail(failure)
      throw failure
    })
    if (turn !== this.#turn) return host.close()
    this.#host = host
    this.#setSound()
    if (started !== false) await started
  }

  /** Plays no more; the last picture stays. */
  stop(): void {
    this.#turn += 1
    this.#host?.close()
    this.#host = undefined
    this.#started?.resolve()
    this.#started = undefined
    clearInterval(this.#timer)
    this.#screen.close()
    this.#speaker.reset()
    this.#isPlaying = this.#isOver = false
    this.#counts = { decoded: 0, dropped: 0 }
    this.#codecs = {}
  }

  /** Plays no more and lets go of everything. */
  close(): void {
    this.stop()
    this.#speaker.close()
    this.#small.close()
  }

  /** True if nothing is heard: {@link PlayerOptions.muted}, {@link mute}, or the browser waits for a click first. */
  get muted(): boolean {
    return this.#speaker.muted
  }

  /** Falls silent. */
  mute(): void {
    this.#speaker.muted = true
  }

  /** Sounds; call it when the user clicks, otherwise most browsers don't let it. */
  unmute(): void {
    this.#speaker.muted = false
  }

  /** From 0 to 1. */
  get volume(): number {
    return this.#speaker.volume
  }

  set volume(volume: number) {
    this.#speaker.volume = volume
  }

  /** Fills the screen, or no longer. Rejects as the browser does, if it does not let it. */
  async fullscreen(element: Element = this.canvas): Promise<void> {
    if (document.fullscreenElement === null) await element.requestFullscreen()
    else await document.exitFullscreen()
  }

  /** Moves to a small window above all others, or back. Rejects as the browser does, if it does not let it. */
  pictureInPicture(): Promise<void> {
    return this.#small.toggle()
  }

  /** How it goes at the moment. */
  get stats(): PlayerStats {
    const { decoded, dropped } = this.#counts
    const { video, audio } = this.#codecs
    const { buffer, delay, gaps } = this.#speaker
    const hasPictures = decoded > 0
    return {
      latency: Math.round(hasPictures ? this.#screen.latency : buffer + delay),
      buffer: Math.round(buffer),
      dropped: dropped + this.#screen.dropped,
      decoded,
      gaps,
      videoCodec: video,
      audioCodec: audio,
      width: hasPictures ? this.canvas.width : 0,
      height: hasPictures ? this.canvas.height : 0,
    }
  }

  #take(message: FromPipeline): void {
    switch (message.type) {
      case 'picture':
        this.#screen.add(message)
        return this.#came()
      case 'started':
        this.#started?.resolve()
        this.#started = undefined
        return
      case 'cut':
        return this.#screen.clear()
      case 'codec':
        this.#codecs[message.kind] = message.name
        return
      case 'unsupported':
        this.emit('unsupported', message.name, message.kind)
        return
      case 'format':
        return this.#speaker.expect(message)
      case 'heard':
        return this.#came()
      case 'silent':
        return this.mute()
      case 'counts':
        this.#counts = message
        return
      case 'reconnect':
        this.#isPlaying = false
        this.emit('reconnect', message.reason, message.attempt, message.delay)
        return
      case 'away':
      case 'end':
        if (this.#isOver) return
        this.#isPlaying = false
        this.#isOver = true
        this.#endedAt = performance.now()
        this.emit('end')
        return
      case 'error':
        return this.#fail(new PlayerError(message.code, message.message))
    }
  }

  #setSound(): void {
    this.#host?.sound(this.muted, this.volume)
  }

  #fail(error: PlayerError): void {
    const started = this.#started
    this.#started = undefined
    this.stop()
    this.emit('error', error)
    started?.reject(error)
  }

  /** Something has come. */
  #came(): void {
    this.#newest = performance.now()
    if (this.#isPlaying || (this.#isOver && this.#newest - this.#endedAt < rest)) return
    this.#isPlaying = true
    this.#isOver = false
    this.emit('playing')
  }

  #look(): void {
    if (this.#isPlaying && performance.now() - this.#newest > patience) {
      this.#isPlaying = false
      this.emit('waiting')
    }
    this.emit('stats', this.stats)
  }
}
