import { fileURLToPath } from 'node:url'
import { samples, send } from '@rtmpipe/testing'
import { expect, it } from 'vitest'
import { ServerProcess } from '../../../../test/support/server-process.ts'
import { connect } from '../../src/index.ts'

const printSpans = fileURLToPath(new URL('../support/print-spans.mjs', import.meta.url))

it.concurrent.each(['1', '2'])('serve hands spans to the SDK that is there (%s workers)', async workers => {
  const env = { NODE_OPTIONS: `--import=${printSpans}` }
  await using server = await ServerProcess.start({ args: ['--publish-key', 'secret', '--workers', workers], env })
  const client = await connect(`${server.urls.rtmp}/live`)
  await send(await client.publish('name?key=secret'), [samples.keyframe(0)])
  await client.close()
  const [, connection = ''] = await server.program.waitForLine(/^span connect (.*)/)
  const [, publish = ''] = await server.program.waitForLine(/^span publish (.*)/)
  await server.program.waitForLine(/^span onPublish .*"rtmp.gate.result":"allowed"/)
  expect(JSON.parse(connection)).toMatchObject({ 'rtmp.app': 'live', 'url.scheme': 'rtmp' })
  expect(JSON.parse(publish)).toMatchObject({ 'rtmp.stream.name': 'name' })
  await server.stop()
  const { stdout } = await server.program.exited
  expect(stdout.join('\n')).not.toContain('secret')
})
