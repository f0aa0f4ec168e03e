import { connect } from './connect.ts'
import { Pipeline } from './player/pipeline.ts'
import type { Post, ToPipeline } from './player/protocol.ts'
import { Watch } from './player/watch.ts'

/** What of a worker's global scope is used. */
interface Scope {
  postMessage(message: unknown, transfer?: Transferable[]): void
  onmessage: ((event: MessageEvent<ToPipeline>) => void) | null
  close(): void
}

const scope = globalThis as unknown as Scope
const post: Post = (message, transfer = []) => scope.postMessage(message, transfer)
const pipeline = new Pipeline(post)
const watch = new Watch(pipeline, post, connect)

scope.onmessage = ({ data }) => {
  if (data.type === 'play') void watch.play(data.url)
  else if (data.type === 'sound') pipeline.listen(data.port, data.sampleRate)
  else {
    watch.close()
    pipeline.close()
    scope.close()
  }
}
