import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A plain connection, which ends with the test. */
export async function rawSocket(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {})
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** What a server says until it has said so much, or closes the connection. */
export async function answerTo(socket: Socket, bytes: string, until: RegExp = /$^/): Promise<string> {
  let text = ''
  socket.write(bytes)
  const done = new Promise<void>(resolve => {
    socket.on('data', chunk => {
      text += chunk.toString('latin1')
      if (until.test(text)) resolve()
    })
    socket.once('close', () => resolve()).once('end', () => resolve())
  })
  await done
  return text
}
