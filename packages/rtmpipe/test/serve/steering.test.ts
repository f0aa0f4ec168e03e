import { writeFile } from 'node:fs/promises'
import { samples, sampleStream, send, take } from '@rtmpipe/testing'
import { expect, it } from 'vitest'
import { ServerProcess } from '../../../../test/support/server-process.ts'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'
import { connect } from '../../src/index.ts'

/** A plugin that does what its publishers' queries say, and prints what comes of it. */
const steering = `
  let server
  const say = (what, value) => console.log(what, JSON.stringify(value))
  export default {
    plugins: [{
      name: 'steering',
      setup: host => void (server = host.server),
      async onPublishStart({ query, stream }) {
        const { record, relay } = server.abilities
        say('records', record !== undefined)
        if (record !== undefined) (await record(stream)).end()
        for (const url of query.values()) {
          await relay(stream, url).catch(({ code }) => say('refused', code))
        }
      },
      onStreamRelays: ({ relays }) => {
        for (const { url, state, lastError } of relays) say(state, { url, lastError })
      },
    }],
  }
`

it('a server without sections relays what it is asked to, neither to itself nor elsewhere than by RTMP, and records nothing', async () => {
  await using folder = await TemporaryFolder.create()
  await writeFile(folder.file('rtmpipe.config.mjs'), steering)
  await using there = await ServerProcess.start()
  await using here = await ServerProcess.start({ args: ['--config', folder.file('rtmpipe.config.mjs')] })
  await using far = await connect(`${there.urls.rtmp}/copy`)
  const player = await far.play('show')
  player.on('error', () => {})
  await using near = await connect(`${here.urls.rtmp}/live`)
  const to = [`${there.urls.rtmp}/copy/show`, `${here.urls.rtmp}/live/again`, 'http://127.0.0.1/live/show']
  const query = to.map((url, index) => `${index}=${encodeURIComponent(url)}`).join('&')
  const publisher = await near.publish(`show?${query}`)
  await here.program.waitForLine(/^records false/)
  await here.program.waitForLine(/^refused "RTMP_ERR_URL"/)
  await here.program.waitForLine(/^running .*\/copy\/…"/)
  await here.program.waitForLine(/^waiting .*this stream has been relayed from here/)
  await send(publisher, [...sampleStream(20), samples.keyframe(5_000)])
  const messages = await take(player, sampleStream(20).length + 1)
  expect(messages.at(-1)?.timestamp).toBe(5_000)
  await near.close()
  await here.stop()
})

it('a server with a section of recordings records what it is asked to', async () => {
  await using folder = await TemporaryFolder.create()
  await writeFile(folder.file('rtmpipe.config.mjs'), steering)
  const config = ['--config', folder.file('rtmpipe.config.mjs')]
  const env = { RTMPIPE_RECORD_WHEN: 'asked', RTMPIPE_RECORD_DIR: folder.file('recordings') }
  await using here = await ServerProcess.start({ args: config, env })
  await using client = await connect(`${here.urls.rtmp}/live`)
  await client.publish('show')
  await here.program.waitForLine(/^records true/)
  await client.close()
  await here.stop()
})
