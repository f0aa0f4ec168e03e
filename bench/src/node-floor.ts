/**
 * The least a relay can be in Node: every message is encoded once and written to every player's plain socket, in the same
 * turn of the event loop or gathered for so many milliseconds. No limits, no hooks, no late joiners, one stream, no care for
 * who is slow. What rtmpipe costs beyond it is rtmpipe's; the rest is Node's and the kernel's.
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
const players = new Set<Socket>()
const headers = new Map<number, RtmpMessage>()
let pending: RtmpMessage[] = []

createServer({ noDelay: true }, serve).listen(port, '127.0.0.1')

function serve(socket: Socket): void {
  const handshake = new ServerHandshake()
  const demuxer = new ChunkDemuxer()
  const muxer = new ChunkMuxer()
  let shaken = false
  socket.on('error', () => {})
  socket.on('close', () => players.delete(socket))
  socket.on('data', (bytes: Buffer) => {
    if (shaken) return demuxer.push(bytes, take)
    const { reply, done, rest } = handshake.push(bytes)
    if (reply) socket.write(reply)
    shaken = done
    if (rest.length > 0) demuxer.push(rest, take)
  })

  function take(message: RtmpMessage): void {
    if (message.messageTypeId === MessageType.CommandAmf0) answer(message)
    else if (message.messageTypeId >= MessageType.Audio) relay(message)
  }

  function answer({ payload }: RtmpMessage): void {
    const [name, transactionId] = decodeAmf0(payload)
    if (name === 'connect') {
      send(setChunkSize(chunkSize), command(0, '_result', transactionId, {}, { code: 'NetConnection.Connect.Success' }))
    } else if (name === 'createStream') send(command(0, '_result', transactionId, null, 1))
    else if (name === 'publish') send(status('NetStream.Publish.Start'))
    else if (name === 'play') {
      send(status('NetStream.Play.Start'))
      if (headers.size > 0) socket.write(new MessageBatch([...headers.values()]).encode(chunkSize, 1))
      players.add(socket)
    }
  }

  function send(...messages: RtmpMessage[]): void {
    for (const message of messages) socket.write(muxer.encode(message))
  }
}

function status(code: string): RtmpMessage {
  return command(1, 'onStatus', 0, null, { level: 'status', code })
}

function relay(message: RtmpMessage): void {
  if (message.payload[1] === 0) headers.set(message.messageTypeId, message)
  if (pending.push(message) > 1) return
  if (window === 0) setImmediate(flush)
  else setTimeout(flush, window)
}

function flush(): void {
  const bytes = new MessageBatch(pending).encode(chunkSize, 1)
  pending = []
  for (const player of players) player.write(bytes)
}
