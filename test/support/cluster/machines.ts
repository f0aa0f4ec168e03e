import { connect, type PlayStream, type PublishStream, type RtmpClient } from 'rtmpipe'
import type { TestContext } from 'vitest'
import { NatsServers, type NatsServer, type NatsServersOptions } from '../nats-server.ts'
import { ServerProcess } from '../server-process.ts'
import { Arrivals } from './arrivals.ts'

/** `rtmpipe serve --cluster`, each in a process of its own, which meet at real nats-servers, and clients of theirs. */
export class Machines implements AsyncDisposable {
  readonly nats: NatsServers
  readonly #machines: ServerProcess[] = []
  readonly #clients: RtmpClient[] = []

  private constructor(nats: NatsServers) {
    this.nats = nats
  }

  /** Starts the nats-servers; skips the test where there are none. */
  static async start(context: TestContext, options: NatsServersOptions = {}): Promise<Machines> {
    return new Machines(await NatsServers.start(context, { limit: 280_000, ...options }))
  }

  /** A machine that goes to that nats-server first, and learns of the others from it. */
  async machine(nats: NatsServer | undefined = this.nats.one): Promise<ServerProcess> {
    // Without a merge window: what is measured is the way between the machines.
    const args = ['--cluster', nats.url, '--merge-window', '0']
    const machine = await ServerProcess.start({ args })
    this.#machines.push(machine)
    return machine
  }

  async client({ urls }: ServerProcess): Promise<RtmpClient> {
    const client = await connect(`${urls.rtmp}/live`)
    this.#clients.push(client)
    return client
  }

  async publish(machine: ServerProcess, name: string): Promise<PublishStream> {
    return (await (await this.client(machine)).publish(name)).on('error', () => {})
  }

  /** Plays a name, whoever publishes it now or later. */
  async play(machine: ServerProcess, name: string): Promise<Arrivals> {
    const stream: PlayStream = await (await this.client(machine)).play(name, { follow: true })
    return new Arrivals(stream)
  }

  /** Throws when a process has ended that nobody has killed. */
  checkAlive(...machines: readonly ServerProcess[]): void {
    for (const { pid } of machines) process.kill(pid, 0)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { messages } of this.#clients) messages.destroy()
    await Promise.all(this.#machines.map(machine => machine[Symbol.asyncDispose]()))
    await this.nats[Symbol.asyncDispose]()
  }
}
