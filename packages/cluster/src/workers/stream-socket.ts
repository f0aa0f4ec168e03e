import { once } from 'node:events'
import { connect, type Server, createServer, type Socket } from 'node:net'
import {
  ChunkDemuxStage,
  ChunkMuxStage,
  MessageType,
  type RtmpMessage,
  setChunkSize,
  userControl,
} from '@rtmpipe/chunk-stream'
import type { LiveStream } from '@rtmpipe/session'
import { pipeline, Transform } from 'readable-stream'
import type { Readable } from 'node:stream'

/** So large that no message of ours is cut. */
const chunkSize = 0xffffff
const maxRequestLength = 4_096
/** A process that asks for nothing is not one of ours. Milliseconds. */
const requestTimeout = 5_000

/** Serves streams on a Unix socket: who connects names a stream and gets its messages as a chunk stream. */
export async function serveStreams(path: string, find: (request: string) => LiveStream | undefined): Promise<Server> {
  const server = createServer(socket => serve(socket, find)).listen(path)
  await once(server, 'listening')
  return server
}

/** The messages of a stream that another process serves; fails when it does not. */
export function joinStream(path: string, request: string): Readable {
  const socket = connect(path)
  socket.write(`${request}\n`)
  const demux = new ChunkDemuxStage()
  const marks = unmark()
  pipeline(socket, demux, marks, () => socket.destroy())
  marks.once('close', () => socket.destroy())
  return marks
}

function serve(socket: Socket, find: (request: string) => LiveStream | undefined): void {
  socket.on('error', () => {})
  socket.setTimeout(requestTimeout, () => socket.destroy())
  let request = ''
  socket.on('data', bytes => {
    request += bytes.toString('utf8')
    const end = request.indexOf('\n')
    if (end < 0 && request.length <= maxRequestLength) return
    socket.setTimeout(0)
    socket.removeAllListeners('data')
    const stream = end < 0 ? undefined : find(request.slice(0, end))
    if (stream === undefined) return void socket.destroy()
    // Read on, so that the other end's leaving is noticed.
    socket.resume()
    const mux = new ChunkMuxStage()
    mux.write(setChunkSize(chunkSize))
    pipeline(stream.subscribe(), mark(), mux, socket, () => socket.destroy())
  })
}

/** A chunk stream has no room for the discontinuity mark: it travels as a Stream Dry event before the message. */
function mark(): Transform {
  return new Transform({
    objectMode: true,
    transform(message: RtmpMessage, _encoding, done) {
      if (message.discontinuity) this.push(userControl({ type: 'StreamDry', messageStreamId: 0 }))
      done(null, message)
    },
  })
}

function unmark(): Transform {
  let marked = false
  return new Transform({
    objectMode: true,
    transform(message: RtmpMessage, _encoding, done) {
      if (message.messageTypeId === MessageType.SetChunkSize) return done()
      if (message.messageTypeId === MessageType.UserControl) {
        marked = true
        return done()
      }
      const mark = marked
      marked = false
      done(null, mark ? { ...message, discontinuity: true } : message)
    },
  })
}
