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

let playing = Promise.resolve()

scope.onmessage = ({ data }) => {
  if (data.type === 'play') playing = watch.play(data.url)
  else if (data.type === 'sound') pipeline.listen(data.port, data.sampleRate)
  else {
    watch.close()
    pipeline.close()
    // The server is told before.
    void playing.then(() => scope.close())
  }
}
