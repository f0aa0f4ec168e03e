import type { PlayStream } from '@rtmpipe/session/client'
import type { Host } from './host.ts'
import { Pipeline } from './pipeline.ts'
import type { FromPipeline, Post } from './protocol.ts'
import { receive } from './receive.ts'

/** Receives and decodes in the page. */
export function inPageOf(source: string | PlayStream, told: (message: FromPipeline) => void): Host {
  let isClosed = false
  const post: Post = message => {
    if (!isClosed) told(message)
    else if (message.type === 'picture') message.frame.close()
  }
  const pipeline = new Pipeline(post)
  const end = receive(source, pipeline, post)
  return {
    listen: (port, sampleRate) => pipeline.listen(port, sampleRate),
    sound: () => {},
    close: () => {
      isClosed = true
      end()
      pipeline.close()
    },
  }
}
