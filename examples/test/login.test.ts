import { connect } from 'rtmpipe'
import { expect, it } from 'vitest'
import { expectRelayed, relayed } from './relayed.ts'
import { RunningExample } from './running-example.ts'

it('login lets publishers in by name and password', async () => {
  await using example = await RunningExample.start('login', { USERS: 'studio:secret other:word' })
  const url = (login: string) => `rtmp://${login}@127.0.0.1:${example.ports[0]}/live`
  await expect(connect(url('studio:word'))).rejects.toMatchObject({ statusCode: 'NetConnection.Connect.Rejected' })
  const encoder = await connect(url('studio:secret'))
  const viewer = await connect(url('other:word'))
  const player = await viewer.play('name')
  expectRelayed(await relayed(await encoder.publish('name'), player))
  await Promise.all([viewer.close(), encoder.close()])
  await example.stop()
})
