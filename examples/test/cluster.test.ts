import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { freePort } from '../../test/support/free-port.ts'
import { requireNats } from '../../test/support/nats-server.ts'
import { RunningProgram } from '../../test/support/running-program.ts'
import { connect } from 'rtmpipe'
import { expectRelayed, relayed } from './relayed.ts'
import { RunningExample } from './running-example.ts'

it('cluster shows a stream crossing from one server to another', async context => {
  const { file } = requireNats(context)
  const env = { NATS_SERVER: file, NATS_PORT: String(await freePort()), PORT_2: '0' }
  await using example = await RunningExample.start('cluster', env)
  const [first, second] = example.ports
  await example.waitForLine(new RegExp(`^published at port ${first}, played at port ${second}: af001210$`))
  const publisher = await (await example.connect('rtmp', 'live')).publish('another')
  const player = await (await connect(`rtmp://127.0.0.1:${second}/live`)).play('another')
  expectRelayed(await relayed(publisher, player))
  for (const stream of [publisher, player]) stream.on('error', () => {})
  player.resume()
  await example.stop()
})

it('cluster says what is missing without a nats-server', async () => {
  const path = fileURLToPath(new URL('../dist/cluster.js', import.meta.url))
  const env = { NATS_SERVER: 'no-such-server' }
  await using program = new RunningProgram({ file: process.execPath, args: [path], env })
  const { stderr } = await program.finish(1)
  expect(stderr).toEqual(['no-such-server can not be started: install nats-server, or give its path in NATS_SERVER'])
})
