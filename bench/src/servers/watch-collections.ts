import { collectionFigures } from './collection-figures.ts'
import { collectionsIn } from './collection.ts'
import { load, reported } from './rtmpload.ts'
import { ThreadTimes } from './thread-times.ts'
import type { Watch } from './watch.ts'

/**
 * Milliseconds at the end of a run that are not looked at: rtmpload's clients leave and end the server's streams. The
 * window begins as much earlier, when the load was the same already.
 */
const farewell = 1_000

/**
 * Adds `gc` to the report. V8 itself prints every collection, so nothing of ours runs in the server for it; what it prints
 * is in the log when the process has ended. Where V8 collects on threads of its own it does not tell how long. Their CPU
 * comes from the system, which makes compiling on them a part of it; after the warm-up there is little.
 */
export const watchCollections: Watch = {
  nodeOptions: ['--trace-gc'],
  async measure(rtmpload, run, server) {
    using threads = new ThreadTimes(server.child.pid)
    const report = await load(rtmpload, run, server)
    const to = performance.now() - farewell
    const from = to - 1000 * (reported(report, 'window_s') ?? 0)
    await server.child[Symbol.asyncDispose]()
    const collections = collectionsIn(server.child.output)
    return { ...report, gc: collectionFigures(collections, threads.noted, server.child.started, { from, to }) }
  },
}
