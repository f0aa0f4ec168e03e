import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import { type PlayStream, type PublishStream, RtmpClient, RtmpServer } from '@rtmpipe/session'
import { samples } from '@rtmpipe/testing'
import { type EndpointLimits, rtmfp, type RtmfpListener } from '../../src/index.ts'
import { Attacker, AttackSession } from './attacker.ts'

const PERIOD = 15
const LONGEST = 60_000

/** A server under attack, and two innocent clients of it: one publishes all the time, the other plays that. */
export class HostileScene {
  readonly server: RtmpServer
  readonly listener: RtmfpListener
  /** What innocent clients missed, or got otherwise than it was sent. */
  readonly faults: string[] = []
  /** Fingerprints of the innocent clients. */
  readonly innocents: readonly Buffer[]
  attackers: Attacker[] = []
  /** Bytes of all attackers that have shown no address. */
  sentBytes = 0
  receivedBytes = 0
  readonly #clients: readonly RtmpClient[]
  readonly #timer: NodeJS.Timeout
  #sent = 0
  readonly #received: Record<'8' | '9', number> = { 8: 0, 9: 0 }
  #whenReceived: (() => void) | undefined
  #network = 0

  private constructor(
    server: RtmpServer,
    clients: readonly RtmpClient[],
    innocents: readonly Buffer[],
    publisher: PublishStream,
    player: PlayStream,
  ) {
    this.server = server
    this.listener = server.listeners[0] as unknown as RtmfpListener
    this.#clients = clients
    this.innocents = innocents
    for (const stream of [publisher, player]) stream.on('error', (error: Error) => this.faults.push(error.message))
    publisher.write(samples.metadata())
    publisher.write(samples.videoHeader())
    publisher.write(samples.audioHeader())
    publisher.write(samples.keyframe(0))
    player.on('data', (message: RtmpMessage) => this.#check(message))
    this.#timer = setInterval(() => {
      this.#sent += 1
      publisher.write(numbered(9, this.#sent))
      publisher.write(numbered(8, this.#sent))
    }, PERIOD)
  }

  /** @param patience milliseconds until whoever opens a session has to have said `connect` */
  static async open(limits: Partial<EndpointLimits>, patience: number): Promise<HostileScene> {
    const server = new RtmpServer({
      transports: [rtmfp({ port: 0, limits })],
      limits: { handshakeTimeout: patience / 2, connectTimeout: patience / 2, lingerTimeout: 100 },
    })
    const [listener] = await server.listen()
    const url = `rtmfp://127.0.0.1:${listener?.address.port}/live`
    const ids: Buffer[] = []
    const connect = async (): Promise<RtmpClient> => {
      const { messages, nearId } = await rtmfp().dial(new URL(url))
      ids.push(Buffer.from(nearId, 'hex'))
      const client = new RtmpClient(messages)
      await client.connect({ app: 'live', tcUrl: url })
      return client
    }
    const clients = [await connect(), await connect()]
    const [publisher, player] = [await clients[0]?.publish('show'), await clients[1]?.play('show')]
    return new HostileScene(server, clients, ids, publisher as PublishStream, player as PlayStream)
  }

  #check({ messageTypeId, payload }: RtmpMessage): void {
    if (payload.length !== LENGTH) return
    const type = `${messageTypeId}` as '8' | '9'
    const expected = numbered(messageTypeId, this.#received[type] + 1).payload
    this.#received[type] += 1
    if (!payload.equals(expected)) {
      const number = payload.readUInt32BE(NUMBER_AT)
      this.faults.push(`message ${number} of type ${type} in place of ${this.#received[type]}`)
      this.#received[type] = number
    }
    this.#whenReceived?.()
  }

  /** Resolves when everything that was published until now is played, and so all that was sent before is read. */
  async goesOn(): Promise<void> {
    const number = this.#sent + 1
    const isThere = () => this.#received[8] >= number && this.#received[9] >= number
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`stuck: ${JSON.stringify(this.#received)} of ${number}`)), LONGEST)
      this.#whenReceived = () => {
        if (!isThere()) return
        clearTimeout(late)
        resolve()
      }
    })
    this.#whenReceived = undefined
  }

  /** Somebody in a network of its own. */
  async attacker(): Promise<Attacker> {
    this.#network = (this.#network % 250) + 1
    return this.neighbour()
  }

  /** Somebody else in the same one. */
  async neighbour(): Promise<Attacker> {
    const attacker = await Attacker.bind(this.listener.address, `127.66.${this.#network}.1`)
    this.attackers.push(attacker)
    return attacker
  }

  async session(): Promise<AttackSession> {
    return AttackSession.open(await this.attacker())
  }

  /** To be called after each attack. Returns how many times more than they sent strangers were sent, at the worst. */
  async settle(): Promise<number> {
    await this.goesOn()
    let worst = 0
    for (const { isKnown, sentBytes, receivedBytes } of this.attackers) {
      if (isKnown || sentBytes === 0) continue
      this.sentBytes += sentBytes
      this.receivedBytes += receivedBytes
      worst = Math.max(worst, receivedBytes / sentBytes)
    }
    for (const attacker of this.attackers) attacker.close()
    this.attackers = []
    return worst
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    for (const client of this.#clients) client.messages.destroy()
    await this.server.close()
  }
}

const LENGTH = 300
const NUMBER_AT = 5

/** Sound or a picture of that number. */
function numbered(messageTypeId: number, number: number): RtmpMessage {
  const payload = Buffer.alloc(LENGTH, number)
  payload.writeUInt32BE(number, NUMBER_AT)
  payload.set(messageTypeId === 9 ? [0x27, 1, 0, 0, 0] : [0xaf, 1])
  return { messageTypeId, messageStreamId: 0, timestamp: number * PERIOD, payload }
}
