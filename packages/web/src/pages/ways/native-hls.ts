import type { VideoWay } from './video-way.ts'

/** How often it is tried once more, and milliseconds until then: Chromium can not parse a stream that has just begun. */
const [attempts, delay] = [2, 2_000]

/** HLS, by the browser itself. */
export const play: VideoWay = (video, url, stopped) => {
  const closing = new AbortController()
  const { signal } = closing
  let timer: ReturnType<typeof setTimeout> | undefined
  let left = attempts
  video.addEventListener('ended', () => stopped({ type: 'end' }), { signal })
  video.addEventListener('error', () => void failed(), { signal })
  video.src = url
  return () => {
    closing.abort()
    clearTimeout(timer)
    video.removeAttribute('src')
    video.load()
  }

  /** A video element does not tell an answer of 404 from a codec that it does not know. */
  async function failed(): Promise<void> {
    const answer = await fetch(url, { method: 'HEAD', signal }).catch(() => undefined)
    if (signal.aborted) return
    if (answer?.ok !== true) return stopped({ type: 'lost', status: answer?.status })
    if (left === 0) return stopped({ type: 'broken', reason: video.error?.message || 'MediaError' })
    left -= 1
    timer = setTimeout(() => (video.src = url), delay)
  }
}
