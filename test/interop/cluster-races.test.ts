import { natsFabric } from '@rtmpipe/cluster-nats'
import { jetstream } from '@nats-io/jetstream'
import { Kvm } from '@nats-io/kv'
import { connect } from '@nats-io/transport-node'
import { expect, test } from 'vitest'
import { sidOf } from '../../packages/cluster-nats/src/wire/sid.ts'
import { NatsServers } from '../support/nats-server.ts'
import { report } from '../support/cluster/arrivals.ts'

/** For a longer run. */
const races = Number(process.env['CLUSTER_TEST_RACES'] ?? 300)
/** Races at a time. */
const atOnce = 10
/** Nodes that want each name. */
const contenders = 4
const secret = 'the secret of these races'

/**
 * One race of two is for the name of somebody whose process is gone, so that all replace the same entry: there old servers
 * let several win.
 */
test(`${races} races for names have one winner each`, { timeout: 900_000 }, async context => {
  await using nats = await NatsServers.start(context, { count: 3, limit: 900_000 })
  const fabrics = Array.from({ length: contenders }, (_, index) =>
    natsFabric({ servers: nats.urls[index % 3] as string, secret }),
  )
  await Promise.all(fabrics.map(({ ready }) => ready))
  const connection = await connect({ servers: nats.one.url })
  const names = await new Kvm(jetstream(connection)).open('rt1_streams')
  const epochs = new Set<number>()
  const wrong: string[] = []
  const began = performance.now()

  const race = async (index: number): Promise<void> => {
    const key = { app: 'live', streamName: `name${index}` }
    if (index % 2 === 0) await names.put(sidOf(secret, key), JSON.stringify({ node: `gone${index}`, claim: 'of-it' }))
    const claims = await Promise.all(fabrics.map(fabric => fabric.claim(key)))
    const won = claims.filter(claim => claim !== undefined)
    if (won.length !== 1) wrong.push(`${key.streamName} has ${won.length} owners`)
    for (const { epoch } of won) epochs.add(epoch)
    await Promise.all(won.map(claim => claim.release()))
  }

  let next = 0
  const lane = async (): Promise<void> => {
    while (next < races) await race((next += 1))
  }
  try {
    await Promise.all(Array.from({ length: atOnce }, lane))
    report('races for names', { races, 'seconds in all': (performance.now() - began) / 1_000, wrong: wrong.length })
    expect(wrong).toEqual([])
    expect(epochs.size).toBe(races)
  } finally {
    await Promise.all(fabrics.map(fabric => fabric[Symbol.asyncDispose]()))
    await connection.close()
  }
})
