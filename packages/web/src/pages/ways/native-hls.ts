import type { VideoWay } from './video-way.ts'

/** HLS, by the browser itself. */
export const play: VideoWay = (video, url, stopped) => {
  const closing = new AbortController()
  const { signal } = closing
  video.addEventListener('ended', () => stopped({ type: 'end' }), { signal })
  video.addEventListener('error', () => void failed(), { signal })
  video.src = url
  return () => {
    closing.abort()
    video.removeAttribute('src')
    video.load()
  }

  /** A video element does not tell an answer of 404 from a codec that it does not know. */
  async function failed(): Promise<void> {
    const answer = await fetch(url, { method: 'HEAD', signal }).catch(() => undefined)
    if (signal.aborted) return
    if (answer?.ok !== true) stopped({ type: 'lost', status: answer?.status })
    else stopped({ type: 'broken', reason: video.error?.message || 'MediaError' })
  }
}
