import { workerUrl } from './worker-url.ts'

/**
 * Calls `beat` at an interval, in a hidden page too, where the page's own timers run once a second or once a minute: the
 * time comes from a worker. Where there can be none, from the page.
 *
 * @param interval milliseconds
 * @returns ends it
 */
export function heartbeat(interval: number, beat: () => void): () => void {
  let timer: ReturnType<typeof setInterval> | undefined
  const worker = newWorker()
  worker?.addEventListener('message', beat)
  worker?.addEventListener('error', () => (timer ??= setInterval(beat, interval)))
  worker?.postMessage(interval)
  if (worker === undefined) timer = setInterval(beat, interval)
  return () => {
    worker?.terminate()
    clearInterval(timer)
  }
}

function newWorker(): Worker | undefined {
  try {
    return new Worker(workerUrl())
  } catch {
    // A content security policy, or a script of another origin.
    return undefined
  }
}
