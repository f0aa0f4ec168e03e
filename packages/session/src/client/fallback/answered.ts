import { ChunkConnection } from '@rtmpipe/chunk-stream'
import type { MessageConnection } from '../../contract/message-connection.ts'

/**
 * Waits until the peer has answered the handshake. Messages are not sent before, so that a peer who is given up has got
 * none. Who has come without a handshake has answered. The connection keeps a listener for errors, since it has no other one yet.
 *
 * @throws what ended the connection, the reason of `signal`, which destroys it
 */
export async function answered(connection: MessageConnection, signal: AbortSignal): Promise<MessageConnection> {
  let giveUp = () => {}
  try {
    return await new Promise((resolve, reject) => {
      giveUp = () => {
        reject(signal.reason)
        connection.destroy()
      }
      connection.on('error', reject)
      connection.once('close', () => reject(new Error('the connection was closed before the handshake was done')))
      if (connection instanceof ChunkConnection) connection.once('handshake', () => resolve(connection))
      else resolve(connection)
      signal.addEventListener('abort', giveUp, { once: true })
      if (signal.aborted) giveUp()
    })
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}
