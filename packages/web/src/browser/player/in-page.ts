import type { PlayStream } from '@rtmpipe/session/client'
import { connect } from '../connect.ts'
import type { Host } from './host.ts'
import { Pipeline } from './pipeline.ts'
import type { FromPipeline, Post } from './protocol.ts'
import { playStream, Watch } from './watch.ts'

/** Receives and decodes in the page: a URL, or a stream of the page's own client, which ends with it. */
export function inPageOf(source: string | PlayStream, told: (message: FromPipeline) => void): Host {
  let isClosed = false
  const post: Post = message => {
    if (!isClosed) told(message)
    else if (message.type === 'picture') message.frame.close()
  }
  const pipeline = new Pipeline(post)
  const end = typeof source === 'string' ? playUrl(source, pipeline, post) : playHere(source, pipeline, post)
  return {
    listen: (port, sampleRate) => pipeline.listen(port, sampleRate),
    close: () => {
      isClosed = true
      end()
      pipeline.close()
    },
  }
}

function playUrl(url: string, pipeline: Pipeline, post: Post): () => void {
  const watch = new Watch(pipeline, post, connect)
  void watch.play(new URL(url, location.href).href)
  return () => watch.close()
}

function playHere(stream: PlayStream, pipeline: Pipeline, post: Post): () => void {
  playStream(stream, pipeline, post).then(
    () => post({ type: 'end' }),
    (error: Error & { code?: string }) =>
      post({ type: 'error', code: error.code ?? 'RTMP_ERR_PLAYER', message: error.message }),
  )
  return () => void stream.destroy()
}
