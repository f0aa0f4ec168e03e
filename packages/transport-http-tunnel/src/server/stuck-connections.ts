import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** Milliseconds without a byte of an answer leaving; Node notices after twice as many at the latest. */
const PATIENCE = 60_000

/** Makes `server` close connections whose clients do not read. One that waits for us may take any time. */
export function closeStuckConnections(server: Server, patience: number = PATIENCE): void {
  server.setTimeout(patience, (socket: Socket) => {
    // Between two requests Node sets the same timer to its keep-alive timeout.
    if (socket.timeout !== patience || socket.writableLength > 0) socket.destroy()
  })
}
