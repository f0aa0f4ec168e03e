import Hls, { type ErrorData, type Events } from 'hls.js'
import type { VideoWay } from './video-way.ts'

/** HLS and low-latency HLS, by hls.js. */
export const play: VideoWay = (video, url, stopped) => {
  // Blobs are no scripts here: without a worker.
  const hls = new Hls({ enableWorker: false, lowLatencyMode: true })
  let hasRecovered = false
  hls.on(Hls.Events.ERROR, (_event: Events.ERROR, { fatal, type, details, response }: ErrorData) => {
    if (!fatal) return
    if (type === Hls.ErrorTypes.NETWORK_ERROR) return stopped({ type: 'lost', status: response?.code })
    // A decoder may fail once; what it does not know, it will never know.
    if (type !== Hls.ErrorTypes.MEDIA_ERROR || hasRecovered || /codec/i.test(details))
      return stopped({ type: 'broken', reason: details })
    hasRecovered = true
    hls.recoverMediaError()
  })
  const ended = (): void => stopped({ type: 'end' })
  video.addEventListener('ended', ended)
  hls.loadSource(url)
  hls.attachMedia(video)
  return () => {
    video.removeEventListener('ended', ended)
    hls.destroy()
  }
}
