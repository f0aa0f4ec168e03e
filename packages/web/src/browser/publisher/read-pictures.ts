import { heartbeat } from './heartbeat.ts'
import { readTrack } from './read-track.ts'

/** Pictures that may wait in the browser before we read them. */
const maxWaiting = 4

/**
 * Gives the pictures of a track, which are to be closed, until the function that it returns is called. Goes on while the
 * page is hidden.
 *
 * @param frameRate for browsers where pictures have to be fetched
 */
export function readPictures(
  track: MediaStreamTrack,
  frameRate: number,
  take: (frame: VideoFrame) => void,
): () => void {
  return readTrack(track, maxWaiting, take) ?? readVideoElement(track, frameRate, take)
}

function readVideoElement(track: MediaStreamTrack, frameRate: number, take: (frame: VideoFrame) => void): () => void {
  const video = document.createElement('video')
  video.muted = video.playsInline = true
  video.srcObject = new MediaStream([track])
  void video.play().catch(() => {})
  let isOver = false
  const now = (): void => {
    if (!isOver && video.readyState >= video.HAVE_CURRENT_DATA)
      take(new VideoFrame(video, { timestamp: performance.now() * 1000 }))
  }
  const next = (): void => {
    now()
    if (!isOver) video.requestVideoFrameCallback(next)
  }
  video.requestVideoFrameCallback(next)
  // A hidden page has no such callbacks.
  const stop = heartbeat(1000 / frameRate, () => document.hidden && now())
  return () => {
    isOver = true
    stop()
    video.srcObject = null
  }
}
