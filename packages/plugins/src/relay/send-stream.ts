import type { PublishStream, RtmpMessage, StreamView } from '@rtmpipe/session'

/** Milliseconds after which a server that takes nothing is given up. */
const stallTimeout = 30_000
/** Milliseconds for the goodbye. */
const endTimeout = 2_000

/**
 * Sends a live stream until it ends or the signal is aborted, and then ends the publish there. A slow far server misses
 * pictures and delays nobody.
 *
 * @throws Error when the far server ends it, or takes nothing any more
 */
export async function sendStream(live: StreamView, publisher: PublishStream, signal: AbortSignal): Promise<void> {
  // The stream may have ended while we were connecting.
  if (!live.isLive) return ended(publisher)
  const messages = live.subscribe({ whenSlow: 'drop', follow: 'expected' })
  let failure: Error | undefined
  const fail = (error: Error) => {
    failure ??= error
    messages.destroy()
  }
  const closed = () => fail(new Error('the destination has ended the stream'))
  const stop = () => void messages.destroy()
  publisher.on('error', fail).once('close', closed)
  signal.addEventListener('abort', stop, { once: true })
  if (publisher.destroyed) closed()
  if (signal.aborted) stop()
  try {
    for await (const message of messages) {
      if (!publisher.write(message as RtmpMessage)) await drained(publisher, signal)
    }
  } catch (error) {
    // Reading fails after a destroy on purpose: that is no error.
    if (failure === undefined && !signal.aborted) throw error
  } finally {
    signal.removeEventListener('abort', stop)
    publisher.off('close', closed)
  }
  if (failure !== undefined) throw failure
  await ended(publisher)
}

function drained(publisher: PublishStream, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      clearTimeout(timer)
      publisher.off('drain', done).off('close', done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const stalled = new Error(`the destination has taken nothing for ${stallTimeout / 1_000} s`)
    const timer = setTimeout(() => publisher.destroy(stalled), stallTimeout)
    publisher.on('drain', done).on('close', done)
    signal.addEventListener('abort', done)
    if (publisher.destroyed || signal.aborted) done()
  })
}

function ended(publisher: PublishStream): Promise<void> {
  if (publisher.destroyed) return Promise.resolve()
  return new Promise(resolve => {
    const timer = setTimeout(() => publisher.destroy(), endTimeout)
    publisher.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
    publisher.end()
  })
}
