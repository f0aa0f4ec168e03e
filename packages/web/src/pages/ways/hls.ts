import Hls, { type ErrorData, type Events, type LevelUpdatedData } from 'hls.js'
import { Standstill } from './standstill.ts'
import type { VideoWay } from './video-way.ts'

/** Milliseconds between two looks at the video. */
const lookEvery = 1_000

/** Looks after which a video that stands before data has been left by hls.js. */
const longestStand = 5

/** Seconds before the end in which hls.js may take a last part for one that it has. */
const tail = 0.5

/** HLS and low-latency HLS, by hls.js. */
export const play: VideoWay = (video, url, stopped) => {
  // Blobs are no scripts here: without a worker.
  const hls = new Hls({ enableWorker: false, lowLatencyMode: true })
  let hasRecovered = false
  let end = Infinity
  hls.on(Hls.Events.ERROR, (_event: Events.ERROR, { fatal, type, details, response }: ErrorData) => {
    if (!fatal) return
    if (type === Hls.ErrorTypes.NETWORK_ERROR) return stopped({ type: 'lost', status: response?.code })
    // A decoder may fail once; what it does not know, it will never know.
    if (type !== Hls.ErrorTypes.MEDIA_ERROR || hasRecovered || /codec/i.test(details))
      return stopped({ type: 'broken', reason: details })
    hasRecovered = true
    hls.recoverMediaError()
  })
  hls.on(Hls.Events.LEVEL_UPDATED, (_event: Events.LEVEL_UPDATED, { details }: LevelUpdatedData) => {
    end = details.live ? Infinity : details.edge
  })
  const ended = (): void => stopped({ type: 'end' })
  video.addEventListener('ended', ended)
  // hls.js never loads a last part of a frame or two, and waits for it; and it may stand at a break with data behind it.
  const standstill = new Standstill()
  const timer = setInterval(() => {
    const stands = standstill.look(video)
    if (stands > 0 && video.currentTime > end - tail) ended()
    else if (stands >= longestStand && hasAhead(video)) stopped({ type: 'lost' })
  }, lookEvery)
  hls.loadSource(url)
  hls.attachMedia(video)
  // While a video is paused, hls.js does not leap over a hole where it begins.
  void video.play().catch(() => {})
  return () => {
    clearInterval(timer)
    video.removeEventListener('ended', ended)
    hls.destroy()
  }
}

function hasAhead({ buffered, currentTime }: HTMLVideoElement): boolean {
  return buffered.length > 0 && buffered.end(buffered.length - 1) > currentTime + tail
}
