import type { ServerReport } from '@rtmpipe/http'

interface Traffic {
  readonly at: number
  readonly received: number
  readonly sent: number
}

/** The server's numbers that have a graph. */
export class ServerNumbers {
  #before: Traffic | undefined

  /** @param at a clock in milliseconds: what came and went in a second can be told from the second report on */
  of({ processes, traffic, streams, players }: ServerReport, at: number): Readonly<Record<string, number>> {
    const received = traffic.reduce((sum, each) => sum + each.received, 0)
    const sent = traffic.reduce((sum, each) => sum + each.sent, 0)
    const numbers = {
      streams,
      players,
      cpu: processes.reduce((sum, { cpu }) => sum + cpu, 0),
      memory: processes.reduce((sum, { rss }) => sum + rss, 0),
      loopDelay: Math.max(0, ...processes.map(({ eventLoopDelay }) => eventLoopDelay)),
    }
    const before = this.#before
    this.#before = { at, received, sent }
    if (before === undefined) return numbers
    const bits = 8_000 / Math.max(100, at - before.at)
    return {
      ...numbers,
      // A server that has begun anew counts from 0.
      incoming: Math.max(0, received - before.received) * bits,
      outgoing: Math.max(0, sent - before.sent) * bits,
    }
  }
}
