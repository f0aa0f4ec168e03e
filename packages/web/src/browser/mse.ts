import type { PlayStream } from '@rtmpipe/session/client'
import type { Fallback, Host } from './player/host.ts'
import { receive } from './player/receive.ts'
import { VideoSink } from './player/mse/video-sink.ts'
import type { FromPipeline, Post } from './player/protocol.ts'

/** Plays by a video element, whose pictures are drawn on the canvas as others are. */
export function hostVideo(
  source: string | PlayStream,
  told: (message: FromPipeline) => void,
  fallback?: Fallback,
): Host {
  const video = document.createElement('video')
  video.playsInline = true
  let isClosed = false
  const post: Post = message => {
    if (!isClosed) told(message)
  }
  const play = () => {
    void video.play().catch((error: DOMException) => {
      if (error.name !== 'NotAllowedError' || video.muted) return
      post({ type: 'silent' })
    })
  }
  const draw = () => {
    if (isClosed) return
    const { videoWidth: displayWidth, videoHeight: displayHeight } = video
    const frame = { source: video, displayWidth, displayHeight, close: () => {} }
    const arrived = performance.timeOrigin + performance.now() - waiting(video)
    if (displayWidth > 0) post({ type: 'picture', frame, time: 0, arrived })
    next(draw)
  }
  // Not every browser tells of each picture.
  const next = video.requestVideoFrameCallback?.bind(video) ?? requestAnimationFrame
  next(draw)
  // Sound alone has no frames.
  video.ontimeupdate = () => post({ type: 'heard' })
  video.oncanplay = play
  video.addEventListener('error', () => {
    const why = video.error?.message || 'it gives no reason'
    post({
      type: 'error',
      code: 'RTMP_ERR_PLAYER',
      message: `The video element of this browser does not play it: ${why}`,
    })
  })
  const end =
    typeof source === 'string' && fallback !== undefined ? fallback(video, source) : receiveVideo(source, video, post)
  if (typeof source === 'string' && fallback !== undefined) post({ type: 'started' })
  return {
    listen: () => {},
    sound: (muted, volume) => {
      video.muted = muted
      video.volume = volume
    },
    close: () => {
      isClosed = true
      end()
      video.pause()
    },
  }
}

function receiveVideo(source: string | PlayStream, video: HTMLVideoElement, post: Post): () => void {
  const sink = new VideoSink(video, post)
  const end = receive(source, sink, post)
  return () => {
    end()
    sink.close()
  }
}

/** Milliseconds that are there already and not shown yet. */
function waiting({ buffered, currentTime }: HTMLVideoElement): number {
  return buffered.length === 0 ? 0 : (buffered.end(buffered.length - 1) - currentTime) * 1000
}
