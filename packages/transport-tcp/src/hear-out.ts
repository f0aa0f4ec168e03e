import type { Socket } from 'node:net'

type Done = (error?: Error | null) => void

/** A turn of the event loop reads what the system has received; the present one may have done so already. */
const turns = 2

/**
 * Lets a failed write wait until what has been received is read: a server says why it refuses somebody and closes, and
 * whoever is sending at that moment would otherwise hear of the failed write and nothing else.
 */
export function hearOut(socket: Socket): void {
  const { _write: write, _writev: writev } = socket
  const later = (done: Done): Done => {
    return error => {
      if (error) afterReading(socket, () => done(error))
      else done()
    }
  }
  socket._write = (chunk, encoding, done) => write.call(socket, chunk, encoding, later(done))
  if (writev !== undefined) socket._writev = (chunks, done) => writev.call(socket, chunks, later(done))
}

function afterReading(socket: Socket, act: () => void, read: number = socket.bytesRead, left: number = turns): void {
  setImmediate(() => {
    if (socket.bytesRead !== read) afterReading(socket, act)
    else if (left > 0) afterReading(socket, act, read, left - 1)
    else act()
  })
}
