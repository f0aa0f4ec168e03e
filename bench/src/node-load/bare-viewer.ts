import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type AmfValue, encodeAmf0 } from '@rtmpipe/amf'
import { ChunkMuxer, MessageType } from '@rtmpipe/chunk-stream'

/** Where incoming bytes are put: nobody looks at them, so that hundreds of viewers cost the tool little. */
const scrap = Buffer.alloc(256 * 1024)
const handshakeLength = 1536

/** A viewer that counts what comes and looks at nothing of it. */
export class BareViewer {
  readonly #socket: Socket
  /** That have come so far. */
  bytes = 0

  private constructor(port: number, begin: (socket: Socket) => void) {
    this.#socket = connect({
      host: '127.0.0.1',
      port,
      noDelay: true,
      onread: {
        buffer: scrap,
        callback: length => {
          this.bytes += length
          return true
        },
      },
    })
    this.#socket.on('error', () => {})
    begin(this.#socket)
  }

  /** False once the server has closed it. */
  get isOpen(): boolean {
    return !this.#socket.destroyed
  }

  /** @param url of the server and application, as for every client; `http://` for FLV over HTTP */
  static async play(url: string, name: string): Promise<BareViewer> {
    const { protocol, port, pathname } = new URL(url)
    const begin = protocol === 'http:' ? askForFlv(`${pathname}/${name}.flv`) : askByRtmp(url, pathname.slice(1), name)
    const viewer = new BareViewer(Number(port), begin)
    await once(viewer.#socket, 'connect')
    return viewer
  }
}

function askForFlv(path: string) {
  return (socket: Socket): void => void socket.write(`GET ${path} HTTP/1.1\r\nHost: bench\r\n\r\n`)
}

/** The whole conversation at once: the server takes it in order, and gives the first NetStream the id 1. */
function askByRtmp(tcUrl: string, app: string, name: string) {
  return (socket: Socket): void => {
    const c0c1 = Buffer.alloc(1 + handshakeLength)
    c0c1[0] = 3
    // A server that has sent zeros as its version does not look into the answer.
    const c2 = Buffer.alloc(handshakeLength)
    const muxer = new ChunkMuxer()
    const command = (messageStreamId: number, ...values: readonly AmfValue[]) =>
      muxer.encode({
        messageTypeId: MessageType.CommandAmf0,
        messageStreamId,
        timestamp: 0,
        payload: encodeAmf0(...values),
      })
    const commands = [
      command(0, 'connect', 1, { app, tcUrl, flashVer: 'bench' }),
      command(0, 'createStream', 2, null),
      command(1, 'play', 0, null, name),
    ]
    socket.write(Buffer.concat([c0c1, c2, ...commands]))
  }
}
