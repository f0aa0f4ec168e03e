import mpegts from 'mpegts.js'
import type { VideoWay } from './video-way.ts'

// What goes wrong is told in the page.
mpegts.LoggingControl.enableAll = false

/** FLV over HTTP, by mpegts.js. */
export const play: VideoWay = (video, url, stopped) => {
  const player = mpegts.createPlayer(
    // Blobs are no scripts here: without workers.
    { type: 'flv', isLive: true, url: new URL(url, location.href).href },
    { enableWorker: false, enableStashBuffer: false, liveBufferLatencyChasing: true, autoCleanupSourceBuffer: true },
  )
  player.on(mpegts.Events.ERROR, (type: string, detail: string, info: { readonly code?: number }) => {
    if (type === mpegts.ErrorTypes.NETWORK_ERROR) {
      const hasStatus = detail === mpegts.ErrorDetails.NETWORK_STATUS_CODE_INVALID
      stopped({ type: 'lost', status: hasStatus ? info.code : undefined })
    } else stopped({ type: 'broken', reason: detail })
  })
  player.on(mpegts.Events.LOADING_COMPLETE, () => stopped({ type: 'end' }))
  player.attachMediaElement(video)
  player.load()
  // Not while it tells of an error: it goes on with what it has destroyed.
  return () => void setTimeout(() => player.destroy())
}
