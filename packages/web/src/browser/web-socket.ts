import type { DialOptions, Transport, TransportConnection } from '@rtmpipe/session/client'
import { Duplex } from 'readable-stream'

/** Dials WebSockets. */
export function webSocket(): Transport {
  return {
    name: 'websocket',
    schemes: ['ws', 'wss', 'rtmp+ws', 'rtmp+wss'],
    listen: () => Promise.reject(new Error('a page can not listen')),
    dial,
  }
}

async function dial(url: URL, { signal }: DialOptions = {}): Promise<TransportConnection> {
  const socket = new WebSocket(`${url.protocol.replace('rtmp+', '')}//${url.host}/`, 'rtmp')
  socket.binaryType = 'arraybuffer'
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve()
    socket.onerror = socket.onclose = () => reject(new Error(`${url.host} does not answer`))
    signal?.addEventListener('abort', () => {
      socket.close()
      reject(signal.reason as Error)
    })
  })
  const stream = new Bytes(socket)
  return {
    stream,
    transport: 'websocket',
    secure: socket.url.startsWith('wss:'),
    remote: { address: url.hostname, port: Number(url.port) },
  }
}

class Bytes extends Duplex {
  readonly #socket: WebSocket

  constructor(socket: WebSocket) {
    super()
    this.#socket = socket
    socket.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      this.push(data.byteLength === 0 ? null : Buffer.from(data))
    }
    socket.onclose = () => void this.destroy()
    socket.onerror = () => void this.destroy(new Error('the line broke'))
  }

  override _read(): void {}

  override _write(bytes: Uint8Array, _encoding: string, done: () => void): void {
    this.#socket.send(bytes as Uint8Array<ArrayBuffer>)
    done()
  }

  override _writev(written: { chunk: Uint8Array }[], done: () => void): void {
    this._write(Buffer.concat(written.map(({ chunk }) => chunk)), '', done)
  }

  override _final(done: () => void): void {
    this.#socket.send(new Uint8Array())
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.close()
    done(error)
  }
}
