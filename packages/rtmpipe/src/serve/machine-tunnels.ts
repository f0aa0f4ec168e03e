import { createHash } from 'node:crypto'
import type { Fabric } from '@rtmpipe/cluster'
import type { TunnelOptions } from '@rtmpipe/http'
import type { Colleagues } from '@rtmpipe/transport-http-tunnel/server'
import type { ServeConfig } from '../sections/index.ts'
import { servesHttp } from '../sections/server.ts'

/** With the number of a worker and a letter there is room for no more: FFmpeg cuts longer ids short. */
const tagLength = 7

/** What ids of a port have behind the number of their process. */
export const letters = { rtmpt: 't', rtmpts: 's', port: 'p' } as const

/** Tunnels of this machine among those of others: what comes to the wrong one is handed over, so that they are like one. */
export class MachineTunnels {
  readonly #far: Required<Colleagues>
  readonly #tag: string
  readonly #process: string

  private constructor(far: Required<Colleagues>, tag: string, process: string) {
    this.#far = far
    this.#tag = tag
    this.#process = process
  }

  /**
   * @param fabric between machines
   * @param secret of this machine, the same in all its processes, and another one with each start
   * @param process number of this one
   * @returns undefined when there is no way to other machines, or nothing to hand over
   */
  static async open(
    config: ServeConfig,
    fabric: Fabric | undefined,
    secret: string,
    process: string,
  ): Promise<MachineTunnels | undefined> {
    const exchange = fabric?.exchange
    if (exchange === undefined || !servesHttp(config)) return undefined
    const { ExchangeColleagues } = await import('@rtmpipe/transport-http-tunnel/server')
    return new MachineTunnels(new ExchangeColleagues(exchange), tagOf(secret), process)
  }

  /** Of the tunnel at a port. @param near the way to other processes of this machine, which know each other without the tag */
  optionsOf(port: keyof typeof letters, near?: Colleagues): Required<Pick<TunnelOptions, 'name' | 'colleagues'>> {
    const [tag, far] = [this.#tag, this.#far]
    return {
      name: `${this.#process}${letters[port]}${tag}`,
      colleagues: {
        handOver: (name, request) =>
          near !== undefined && name.endsWith(tag)
            ? near.handOver(name.slice(0, -tag.length), request)
            : far.handOver(name, request),
        serve: (name, take) => far.serve(name, take),
      },
    }
  }
}

/** 41 random bits, which tell nothing of the secret. */
function tagOf(secret: string): string {
  const digest = createHash('sha512').update(`machine ${secret}`).digest('base64')
  return digest.replaceAll(/[^A-Za-z0-9]/g, '').slice(0, tagLength)
}
