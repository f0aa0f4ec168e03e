import type { AmfValue } from '@rtmpipe/amf'
import { encodeAmf0 } from '@rtmpipe/amf'
import { MessageType, parseUserControl, type RtmpMessage, userControl } from '@rtmpipe/chunk-stream'
import { commandMessage } from '../../src/protocol/command.ts'
import type { MessageConnection } from '../../src/contract/message-connection.ts'
import { take } from '@rtmpipe/testing'
import { type Described, described } from './described.ts'

/** A peer that says what the test tells it to, and shows what it is told. */
export class RawPeer {
  readonly messages: MessageConnection
  #pings = 0

  constructor(messages: MessageConnection) {
    this.messages = messages
    messages.on('error', () => {})
  }

  send(message: RtmpMessage): this {
    this.messages.send(message)
    return this
  }

  command(messageStreamId: number, name: string, transactionId: number, ...values: AmfValue[]): this {
    return this.send(commandMessage(messageStreamId, name, transactionId, ...values))
  }

  data(messageStreamId: number, ...values: AmfValue[]): this {
    return this.send({
      messageTypeId: MessageType.DataAmf0,
      messageStreamId,
      timestamp: 0,
      payload: encodeAmf0(...values),
    })
  }

  media(messageStreamId: number, ...messages: RtmpMessage[]): this {
    for (const message of messages) this.send({ ...message, messageStreamId })
    return this
  }

  async next(): Promise<Described> {
    const [message] = await take(this.messages, 1)
    return described(message as RtmpMessage)
  }

  /** What the other side has sent up to its answer to a ping, which it gives after all that came before. */
  async replies(): Promise<Described[]> {
    const messages = await this.messagesSoFar()
    return messages.map(described)
  }

  async messagesSoFar(): Promise<RtmpMessage[]> {
    // What live streams have gathered in this turn of the event loop goes out at its end.
    for (let turn = 0; turn < 2; turn += 1) await new Promise<void>(resolve => void setImmediate(resolve))
    const ping = (this.#pings += 1)
    this.send(userControl({ type: 'PingRequest', timestamp: ping }))
    const messages: RtmpMessage[] = []
    for (;;) {
      const [message] = (await take(this.messages, 1)) as [RtmpMessage]
      const control = message.messageTypeId === MessageType.UserControl ? parseUserControl(message.payload) : undefined
      if (control?.type === 'PingResponse' && control.timestamp === ping) return messages
      messages.push(message)
    }
  }

  /** Everything up to the end of the connection. */
  async rest(): Promise<Described[]> {
    const { messages } = this
    const rest: Described[] = []
    if (messages.readableEnded || messages.destroyed) return rest
    return new Promise(resolve => {
      messages.on('readable', () => {
        for (let message = messages.read(); message !== null; message = messages.read())
          rest.push(described(message as RtmpMessage))
      })
      // As clients do: who is told that it is over closes its end, too.
      messages.on('end', () => void messages.end()).on('close', () => resolve(rest))
    })
  }

  /** Connects to an application; what is answered is thrown away. */
  async connect(app = 'live', properties = {}): Promise<this> {
    this.command(0, 'connect', 1, { app, tcUrl: `rtmp://server/${app}`, ...properties })
    await this.replies()
    return this
  }

  /** Creates a NetStream and gives its id. */
  async createStream(): Promise<number> {
    this.command(0, 'createStream', 9, null)
    const replies = await this.replies()
    const result = replies.find(([name, , transactionId]) => name === '_result' && transactionId === 9)
    return result?.[4] as number
  }

  async publish(name = 'name', app?: string): Promise<number> {
    const id = await (await this.connect(app)).createStream()
    await this.command(id, 'publish', 0, null, name, 'live').replies()
    return id
  }

  async play(name = 'name', app?: string): Promise<number> {
    const id = await (await this.connect(app)).createStream()
    await this.command(id, 'play', 0, null, name).replies()
    return id
  }
}
