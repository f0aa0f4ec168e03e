import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { isLive } from './is-live.ts'
import { VideoPlay } from './video-play.ts'
import type { VideoWay } from './video-way.ts'
import type { Way } from './ways.ts'

/** Each is loaded by who needs it. */
const scripts: Readonly<Partial<Record<Way, () => Promise<{ readonly play: VideoWay }>>>> = {
  flv: () => import('./flv.ts'),
  hls: () => import('./hls.ts'),
  'native-hls': () => import('./native-hls.ts'),
}

/** A video element. */
export function VideoScreen(props: {
  readonly way: Way
  readonly url: string
  /** Told when this way leads nowhere. */
  broken(reason: string): void
}): JSX.Element {
  const { way, url, broken } = props
  const element = useRef<HTMLVideoElement>(null)
  const [text, say] = useState('')
  useEffect(() => {
    const video = element.current
    if (video === null) return
    // As an attribute it is set too late for browsers that let nothing play with sound.
    video.muted = true
    const play = new VideoPlay(video, url, {
      load: async () => (await scripts[way]?.())?.play ?? Promise.reject(new Error('no script')),
      // A request for FLV waits for the publisher itself.
      isBack: signal => (way === 'flv' ? Promise.resolve(true) : isLive(url, signal)),
      say,
      broken,
    })
    return () => play.close()
  }, [])
  return (
    <>
      <video ref={element} controls autoplay playsInline aria-label="Stream" />
      <p role="status">{text}</p>
    </>
  )
}
