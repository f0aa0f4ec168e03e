import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import type { MessageConnection } from './message-connection.ts'

/** Whoever acts on messages: the NetConnection of a server or of a client. */
export interface MessageHandler {
  /** A promise asks to wait before the next message. */
  handle(message: RtmpMessage): void | Promise<void>
}

/**
 * The end of a connection's incoming path: one message at a time, in order, to its handler. A handler's failure ends the
 * connection with it.
 *
 * @param ended called when the peer sends no more
 */
export function dispatch(messages: MessageConnection, handler: MessageHandler, ended: () => void): void {
  const fail = (error: Error) => void messages.destroy(error)
  messages.on('data', (message: RtmpMessage) => {
    try {
      const waits = handler.handle(message)
      if (waits === undefined) return
      messages.pause()
      waits.then(() => void messages.resume(), fail)
    } catch (error) {
      fail(error as Error)
    }
  })
  messages.once('end', ended)
}
