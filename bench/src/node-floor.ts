/**
 * The least a relay can be in Node: every message is encoded once and written to every player's plain socket, in the same
 * turn of the event loop or gathered for so many milliseconds. No limits, no hooks, no groups of pictures for late joiners,
 * no care for who is slow. What rtmpipe costs beyond it is rtmpipe's; the rest is Node's and the kernel's.
 *
 * Usage: node node-floor.js PORT WINDOW
 */
import { createServer, type Socket } from 'node:net'
import { decodeAmf0 } from '@rtmpipe/amf'
import {
  ChunkDemuxer,
  ChunkMuxer,
  MessageBatch,
  MessageType,
  type RtmpMessage,
  ServerHandshake,
  setChunkSize,
} from '@rtmpipe/chunk-stream'
import { command } from './micro/command.ts'

const [port, window] = process.argv.slice(2).map(Number)
const chunkSize = 60_000

/** Messages of one name, to who plays it. */
class Stream {
  readonly #players = new Set<Socket>()
  readonly #headers = new Map<number, RtmpMessage>()
  #pending: RtmpMessage[] = []

  add(player: Socket): void {
    if (this.#headers.size > 0) player.write(new MessageBatch([...this.#headers.values()]).encode(chunkSize, 1))
    this.#players.add(player)
    player.on('close', () => this.#players.delete(player))
  }

  relay(message: RtmpMessage): void {
    if (message.payload[1] === 0) this.#headers.set(message.messageTypeId, message)
    if (this.#pending.push(message) > 1) return
    if (window === 0) setImmediate(() => this.#flush())
    else setTimeout(() => this.#flush(), window)
  }

  #flush(): void {
    const bytes = new MessageBatch(this.#pending).encode(chunkSize, 1)
    this.#pending = []
    for (const player of this.#players) player.write(bytes)
  }
}

const streams = new Map<string, Stream>()

function streamOf(name: string): Stream {
  let stream = streams.get(name)
  if (stream === undefined) streams.set(name, (stream = new Stream()))
  return stream
}

createServer({ noDelay: true }, serve).listen(port, '127.0.0.1')

function serve(socket: Socket): void {
  const handshake = new ServerHandshake()
  const demuxer = new ChunkDemuxer()
  const muxer = new ChunkMuxer()
  let shaken = false
  let published: Stream | undefined
  socket.on('error', () => {})
  socket.on('data', (bytes: Buffer) => {
    if (shaken) return demuxer.push(bytes, take)
    const { reply, done, rest } = handshake.push(bytes)
    if (reply) socket.write(reply)
    shaken = done
    if (rest.length > 0) demuxer.push(rest, take)
  })

  function take(message: RtmpMessage): void {
    if (message.messageTypeId === MessageType.CommandAmf0) answer(message)
    else if (message.messageTypeId >= MessageType.Audio) published?.relay(message)
  }

  function answer({ payload }: RtmpMessage): void {
    const [name, transactionId, , stream] = decodeAmf0(payload)
    if (name === 'connect') {
      send(setChunkSize(chunkSize), command(0, '_result', transactionId, {}, { code: 'NetConnection.Connect.Success' }))
    } else if (name === 'createStream') send(command(0, '_result', transactionId, null, 1))
    else if (name === 'publish') {
      published = streamOf(stream as string)
      send(status('NetStream.Publish.Start'))
    } else if (name === 'play') {
      send(status('NetStream.Play.Start'))
      streamOf(stream as string).add(socket)
    }
  }

  function send(...messages: RtmpMessage[]): void {
    for (const message of messages) socket.write(muxer.encode(message))
  }
}

function status(code: string): RtmpMessage {
  return command(1, 'onStatus', 0, null, { level: 'status', code })
}
