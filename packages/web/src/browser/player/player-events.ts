/** How playing goes. */
export interface PlayerStats {
  /** Milliseconds from the arrival of a picture, or of sound if there are no pictures, to when it is seen or heard. */
  readonly latency: number
  /** Milliseconds of sound that wait for their turn; 0 without sound. */
  readonly buffer: number
  /** Pictures that were left out: the machine is too slow, or they came too late. */
  readonly dropped: number
  /** Pictures that were decoded. */
  readonly decoded: number
  /** How often there was no sound when some was to be played. */
  readonly gaps: number
  /** What people call the codecs: `H.264`, `AAC`; undefined until they are known. */
  readonly videoCodec: string | undefined
  /** As {@link PlayerStats.videoCodec}, of the sound. */
  readonly audioCodec: string | undefined
  /** Pixels of the picture; 0 before the first. */
  readonly width: number
  /** Pixels of the picture; 0 before the first. */
  readonly height: number
}

/** Why a player does not go on. */
export class PlayerError extends Error {
  override readonly name = 'PlayerError'
  /** The server's status code, like `NetStream.Play.Failed`, or a code that begins with `RTMP_ERR_`. */
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** Events of a player. */
export interface PlayerEvents {
  /** Pictures or sound come, at first or again. */
  playing: []
  /** Nothing has come for more than a second. */
  waiting: []
  /** This browser has no decoder for `codec`, `HEVC` for example; what else there is plays on. */
  unsupported: [codec: string, kind: 'video' | 'audio']
  /**
   * The server refuses, in its own words, or the stream of the page's own client has failed, or the video element that plays
   * where there is no WebCodecs.
   */
  error: [error: PlayerError]
  /** The publisher has left, or a recording is over. If the publisher returns, `playing` follows. */
  end: []
  /** The connection is lost, for this reason; it is tried again in `delay` milliseconds. */
  reconnect: [reason: string, attempt: number, delay: number]
  /** Muted, or not any more, or another volume. */
  volume: []
  /** Once a second. */
  stats: [stats: PlayerStats]
}
