import { MessageType, type RtmpMessage, splitAggregate } from '@rtmpipe/chunk-stream'
import type { MessageConnection } from '../contract/message-connection.ts'

/** The receiver of messages: the NetConnection of a server or of a client. */
export interface MessageHandler {
  /** A promise asks to wait before the next message. */
  handle(message: RtmpMessage): void | Promise<void>
}

/**
 * The end of a connection's incoming path: gives the handler one message at a time, in order; the messages of an
 * Aggregate as if they had come one by one. If the handler fails, the connection ends with its error.
 *
 * @param ended called when the peer sends no more
 */
export function dispatch(messages: MessageConnection, handler: MessageHandler, ended: () => void): void {
  const fail = (error: Error) => void messages.destroy(error)
  messages.on('data', (message: RtmpMessage) => {
    try {
      const isAggregate = message.messageTypeId === MessageType.Aggregate
      const waits = isAggregate ? handleAll(splitAggregate(message), messages, handler) : handler.handle(message)
      if (waits === undefined) return
      messages.pause()
      waits.then(() => void messages.resume(), fail)
    } catch (error) {
      fail(error as Error)
    }
  })
  messages.on('end', ended)
}

function handleAll(
  all: readonly RtmpMessage[],
  connection: MessageConnection,
  handler: MessageHandler,
): void | Promise<void> {
  for (const [index, message] of all.entries()) {
    if (connection.destroyed) return
    const waits = handler.handle(message)
    if (waits !== undefined) return waits.then(() => handleAll(all.slice(index + 1), connection, handler))
  }
}
