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
  let isTelling = false
  player.on(mpegts.Events.ERROR, (type: string, detail: string, info: { readonly code?: number }) => {
    isTelling = true
    if (type === mpegts.ErrorTypes.NETWORK_ERROR) {
      const hasStatus = detail === mpegts.ErrorDetails.NETWORK_STATUS_CODE_INVALID
      stopped({ type: 'lost', status: hasStatus ? info.code : undefined })
    } else stopped({ type: 'broken', reason: detail })
    isTelling = false
  })
  player.on(mpegts.Events.LOADING_COMPLETE, () => stopped({ type: 'end' }))
  player.attachMediaElement(video)
  player.load()
  return () => {
    // While it tells of an error, it would go on with what it has destroyed; later, the video may be the next one's already.
    if (isTelling) setTimeout(() => player.destroy())
    else player.destroy()
  }
}
