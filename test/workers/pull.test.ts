import { samples, take } from '@rtmpipe/testing'
import { connect } from 'rtmpipe'
import { expect, test } from 'vitest'
import { ServerProcess } from '../support/server-process.ts'
import { WorkerServer } from './support/worker-server.ts'

test('players get what another worker publishes, and fetch what nobody does', async () => {
  await using origin = await ServerProcess.start()
  const env = { RTMPIPE_RELAY_PULL_FROM: `${origin.urls.rtmp}/{app}/{stream}` }
  await using server = await WorkerServer.start(2, { env })
  const there = await connect(`${origin.urls.rtmp}/live`)
  const publishers = [await there.publish('there'), await server.publishOn(0, 'here')]
  for (const publisher of publishers) publisher.write(samples.keyframe(0))
  await server.process.program.waitForLine(/"worker":0.*"publish started"/)
  for (const name of ['here', 'there']) {
    const player = await server.playOn(1, name)
    expect(await take(player, 1)).toMatchObject([{ timestamp: 0 }])
  }
  await there.close()
})
