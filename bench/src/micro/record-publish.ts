import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { decodeAmf0 } from '@rtmpipe/amf'
import { ChunkConnection, MessageType, type RtmpMessage, setChunkSize } from '@rtmpipe/chunk-stream'
import { command } from './command.ts'
import { publishFile } from './ffmpeg.ts'

/** Everything ffmpeg sends to a server with that chunk size while it publishes a file, handshake included. */
export async function recordPublish(ffmpeg: string, file: string, chunkSize: number): Promise<Buffer> {
  const received: Buffer[] = []
  let closed: Promise<unknown> | undefined
  const server = createServer({ noDelay: true }, socket => {
    socket.on('data', bytes => received.push(bytes))
    closed = new Promise(resolve => socket.once('close', resolve))
    answer(socket, chunkSize)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await publishFile(ffmpeg, file, `rtmp://127.0.0.1:${(server.address() as AddressInfo).port}/live/recorded`)
    // What ffmpeg sent last may still be on its way here when it has gone.
    await closed
    return Buffer.concat(received)
  } finally {
    server.close()
  }
}

/** As much of a server as it takes for ffmpeg to publish, with a chunk size of our choice. */
function answer(socket: Socket, chunkSize: number): void {
  const connection = new ChunkConnection(socket, { role: 'server' })
  connection.on('error', () => {})
  connection.on('data', (message: RtmpMessage) => {
    if (message.messageTypeId !== MessageType.CommandAmf0) return
    const [name, transactionId] = decodeAmf0(message.payload)
    if (name === 'connect') {
      connection.send(setChunkSize(chunkSize))
      connection.send(command(0, '_result', transactionId, {}, { code: 'NetConnection.Connect.Success' }))
    } else if (name === 'createStream') connection.send(command(0, '_result', transactionId, null, 1))
    else if (name === 'publish')
      connection.send(command(1, 'onStatus', 0, null, { level: 'status', code: 'NetStream.Publish.Start' }))
  })
}
