import { once } from 'node:events'
import { stat, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { samples, send } from '@rtmpipe/testing'
import { expect, it } from 'vitest'
import { ServerProcess } from '../../../../test/support/server-process.ts'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'
import { connect } from '../../src/index.ts'

it('a server out of file, environment and command line asks, records, and tells of it', async () => {
  await using folder = await TemporaryFolder.create()
  const asked: { action?: string; file?: string }[] = []
  const web = createServer((request: IncomingMessage, response) => {
    void json(request).then(body => {
      asked.push(body as { action?: string })
      response.end('{}')
      web.emit('asked')
    })
  }).listen(0, '127.0.0.1')
  await once(web, 'listening')
  const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}/`
  const config = {
    auth: { httpCallback: { url: { publish: url }, recorded: url } },
    record: { dir: 'elsewhere', format: 'flv' },
  }
  await writeFile(folder.file('rtmpipe.json'), `// what is asked for\n${JSON.stringify(config)}`)
  const env = {
    RTMPIPE_RECORD_DIR: folder.file('recordings'),
    RTMPIPE_RECORD_NAME: '{stream}',
    RTMPIPE_LOG_LEVEL: 'warn',
  }
  await using server = await ServerProcess.start({ args: ['--config', folder.file('rtmpipe.json')], env })

  const client = await connect(`${server.urls.rtmp}/live`)
  const publisher = await client.publish('show')
  await send(publisher, [samples.videoHeader(), samples.keyframe(0), samples.keyframe(40)])
  await client.close()
  while (asked.length < 2) await once(web, 'asked')
  expect(asked.map(({ action }) => action)).toEqual(['publish', 'recorded'])
  expect(asked[1]?.file).toBe(folder.file('recordings/show.flv'))
  expect((await stat(folder.file('recordings/show.flv'))).size).toBeGreaterThan(4_000)
  await server.stop()
  web.close()
})
