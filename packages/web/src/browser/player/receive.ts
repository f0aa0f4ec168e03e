import type { PlayStream } from '@rtmpipe/session/client'
import { connect } from '../connect.ts'
import type { Post } from './protocol.ts'
import { streamAddress } from './stream-address.ts'
import { playStream, type Taker, Watch } from './watch.ts'

/** Receives in the page: a URL, or a stream of the page's own client, which ends with it. Returns what ends that. */
export function receive(source: string | PlayStream, taker: Taker, post: Post): () => void {
  if (typeof source === 'string') {
    const watch = new Watch(taker, post, connect)
    void watch.play(streamAddress(source, location.origin))
    return () => watch.close()
  }
  playStream(source, taker, post).then(
    () => post({ type: 'end' }),
    (error: Error & { code?: string }) =>
      post({ type: 'error', code: error.code ?? 'RTMP_ERR_PLAYER', message: error.message }),
  )
  return () => void source.destroy()
}
