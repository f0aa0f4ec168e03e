import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { pcapFile, udp } from '../../packages/dump/test/support/capture-file.ts'

/** A line of UDP between clients and one server on this machine; what passes is captured, as it came to the line. */
export class UdpTap implements AsyncDisposable {
  readonly #near = createSocket('udp4')
  readonly #far = new Map<number, Socket>()
  readonly #captured: Buffer[] = []
  #toLose = 0

  /** @param server port of the server, on 127.0.0.1 */
  static async start(server: number): Promise<UdpTap> {
    const tap = new UdpTap()
    tap.#near.on('message', (datagram, { port }) => {
      tap.#captured.push(udp(`127.0.0.1:${port}`, `127.0.0.1:${tap.port}`, datagram))
      if (tap.#toLose > 0) tap.#toLose--
      else tap.#farOf(port).send(datagram, server, '127.0.0.1')
    })
    tap.#near.bind(0, '127.0.0.1')
    await once(tap.#near, 'listening')
    return tap
  }

  /** Where clients come to. */
  get port(): number {
    return this.#near.address().port
  }

  /** What has passed so far, as a pcap file. */
  get pcap(): Buffer {
    return pcapFile(this.#captured)
  }

  /** How many datagrams have passed. */
  get count(): number {
    return this.#captured.length
  }

  /** The next datagrams of clients are captured and then lost. */
  lose(count: number): void {
    this.#toLose = count
  }

  #farOf(client: number): Socket {
    const known = this.#far.get(client)
    if (known !== undefined) return known
    const socket = createSocket('udp4')
    socket.on('message', datagram => {
      this.#captured.push(udp(`127.0.0.1:${this.port}`, `127.0.0.1:${client}`, datagram))
      this.#near.send(datagram, client, '127.0.0.1')
    })
    this.#far.set(client, socket)
    return socket
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#far.values()) socket.close()
    this.#near.close()
  }
}
