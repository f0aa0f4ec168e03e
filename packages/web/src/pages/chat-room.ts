import { applicationUrl, type StreamName } from './address.ts'
import { loadLibrary } from './library.ts'

type Client = Awaited<ReturnType<Awaited<ReturnType<typeof loadLibrary>>['connect']>>
type Room = Awaited<ReturnType<Client['sharedObject']>>

/** Characters of a name and of a line: more of what others send is not shown. */
export const maxName = 30
export const maxText = 500

/** What somebody has said. */
export interface Line {
  readonly id: number
  readonly name: string
  readonly text: string
}

/** Whether the server has said no, and will again. */
export function isRefusal(error: unknown): boolean {
  const { statusCode } = error as { readonly statusCode?: string }
  return statusCode !== undefined && statusCode !== 'NetConnection.Connect.Closed'
}

/** A chat of all who watch a stream: a shared object, whose method `say` is called at everybody. */
export class ChatRoom {
  readonly #client: Client
  readonly #room: Room

  private constructor(client: Client, room: Room) {
    this.#client = client
    this.#room = room
  }

  /**
   * @param said told of each line, our own too
   * @param over told when the connection has ended
   * @throws StatusError when the server refuses
   */
  static async enter({ app, name }: StreamName, said: (line: Line) => void, over: () => void): Promise<ChatRoom> {
    const { connect } = await loadLibrary()
    const client = await connect(applicationUrl(location, app))
    try {
      const room = await client.sharedObject(`chat/${name}`)
      let id = 0
      room.on('message', (handler, [who, text]) => {
        if (handler !== 'say' || typeof who !== 'string' || typeof text !== 'string') return
        said({ id: ++id, name: who.slice(0, maxName), text: text.slice(0, maxText) })
      })
      room.on('close', over)
      return new ChatRoom(client, room)
    } catch (error) {
      await client.close()
      throw error
    }
  }

  say(name: string, text: string): void {
    this.#room.send('say', name, text)
  }

  leave(): void {
    void this.#client.close().catch(() => {})
  }
}
