import type { PlayStream } from '@rtmpipe/session/client'
import type { Fallback, Host } from './host.ts'
import type { FromPipeline, ToPipeline } from './protocol.ts'
import { streamAddress } from './stream-address.ts'

type Told = (message: FromPipeline) => void

/** What plays, by what the browser has. */
export async function openHost(source: string | PlayStream, told: Told, fallback: Fallback | undefined): Promise<Host> {
  if (typeof VideoDecoder === 'undefined' || typeof AudioDecoder === 'undefined') {
    const { hostVideo } = await import('../mse.ts')
    return hostVideo(source, told, fallback)
  }
  return typeof source === 'string' ? hostUrl(source, told) : hostStream(source, told)
}

/** In a worker, which goes on while the page is busy; in the page if the browser lets it have none. */
function hostUrl(url: string, told: Told): Host {
  let host: Host | undefined
  let isClosed = false
  let sound: [MessagePort | undefined, number] | undefined
  const inPage = async () => {
    const { inPageOf } = await import('./in-page.ts')
    if (isClosed) return
    host = inPageOf(url, told)
    if (sound !== undefined) host.listen(...sound)
  }
  try {
    host = inWorker(url, told, () => {
      host = undefined
      void inPage()
    })
  } catch {
    // Pages from a file, and policies that allow none.
    void inPage()
  }
  return {
    listen: (port, sampleRate) => {
      sound = [port, sampleRate]
      host?.listen(port, sampleRate)
    },
    sound: () => {},
    close: () => {
      isClosed = true
      host?.close()
    },
  }
}

/** In the page, whose client it is. */
async function hostStream(stream: PlayStream, told: Told): Promise<Host> {
  const { inPageOf } = await import('./in-page.ts')
  return inPageOf(stream, told)
}

/** @param failed is called if the worker does not come to life */
function inWorker(url: string, told: Told, failed: () => void): Host {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module', name: 'rtmpipe' })
  const post = (message: ToPipeline, transfer: Transferable[] = []) => worker.postMessage(message, transfer)
  let lives = false
  worker.onmessage = ({ data }: MessageEvent<FromPipeline>) => {
    lives = true
    told(data)
  }
  worker.onerror = event => {
    if (lives) return
    event.preventDefault()
    worker.terminate()
    failed()
  }
  post({ type: 'play', url: streamAddress(url, location.origin) })
  return {
    listen: (port, sampleRate) => {
      if (port === undefined) post({ type: 'sound' })
      else post({ type: 'sound', port, sampleRate }, [port])
    },
    sound: () => {},
    close: () => {
      worker.onmessage = ({ data }: MessageEvent<FromPipeline>) => {
        if (data.type === 'picture') data.frame.close()
      }
      post({ type: 'close' })
    },
  }
}
