import { WebSocket } from 'ws'
import type { Page } from '../../src/page/page-api.ts'

/** A page as browsers have it, with the WebSocket of `ws`, which has the same interface. */
export const page: Page = {
  WebSocket: class extends WebSocket {
    constructor(url: string, protocols: readonly string[]) {
      super(url, [...protocols])
      // A page may leave it alone.
      this.on('error', () => {})
    }
  } as unknown as NonNullable<Page['WebSocket']>,
}

/** The same with WebSocketStream, made of it: no more is read than is asked for. */
export const pageWithStreams: Page = {
  ...page,
  WebSocketStream: class {
    readonly opened
    readonly closed
    readonly #socket: WebSocket

    constructor(url: string, { protocols }: { readonly protocols: readonly string[] }) {
      const socket = new WebSocket(url, [...protocols])
      this.#socket = socket
      this.closed = new Promise<{ readonly closeCode?: number }>((resolve, reject) => {
        socket.on('error', () => {})
        socket.once('close', code => (code === 1006 ? reject(new Error('broken')) : resolve({ closeCode: code })))
      })
      this.opened = new Promise<{
        readonly protocol: string
        readonly readable: ReadableStream<unknown>
        readonly writable: WritableStream<Uint8Array>
      }>((resolve, reject) => {
        socket.once('close', () => reject(new Error('not opened')))
        socket.once('open', () => {
          const readable = new ReadableStream<unknown>({
            start: controller => {
              socket.on('message', (data: Buffer, isBinary) => {
                controller.enqueue(isBinary ? Uint8Array.from(data).buffer : data.toString())
                if ((controller.desiredSize ?? 0) <= 0) socket.pause()
              })
              socket.once('close', () => controller.close())
            },
            pull: () => socket.resume(),
          })
          const write = (bytes: Uint8Array) =>
            new Promise<void>((done, fail) => socket.send(bytes, error => (error ? fail(error) : done())))
          resolve({ protocol: socket.protocol, readable, writable: new WritableStream<Uint8Array>({ write }) })
        })
      })
    }

    close({ closeCode }: { readonly closeCode?: number } = {}): void {
      this.#socket.resume()
      this.#socket.close(closeCode)
    }
  },
}
