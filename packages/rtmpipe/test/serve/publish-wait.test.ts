import { once } from 'node:events'
import { samples, take } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import { ServerProcess } from '../../../../test/support/server-process.ts'
import { connect } from '../../src/index.ts'

describe('a player of what nobody publishes', () => {
  it.each<[string, string[], Record<string, string>]>([
    ['--publish-wait', ['--publish-wait', '0.2'], {}],
    ['RTMPIPE_PUBLISH_WAIT', [], { RTMPIPE_PUBLISH_WAIT: '0.2' }],
    ['--publish-wait and --workers', ['--publish-wait', '0.2', '--workers', '2'], {}],
  ])('is told after the seconds of %s', async (_what, args, env) => {
    await using server = await ServerProcess.start({ args, env })
    await using client = await connect(`${server.urls.rtmp}/live`)
    const asked = performance.now()
    const [error] = await once(await client.play('missing'), 'error')
    expect(error).toMatchObject({ statusCode: 'NetStream.Play.StreamNotFound' })
    expect(performance.now() - asked).toBeGreaterThan(190)
  })

  it('waits with --publish-wait off until somebody comes', async () => {
    await using server = await ServerProcess.start({ args: ['--publish-wait', 'off'] })
    await using client = await connect(`${server.urls.rtmp}/live`)
    const player = await client.play('name')
    const publisher = await client.publish('name')
    publisher.write(samples.keyframe(0))
    expect(await take(player, 1)).toHaveLength(1)
  })
})
