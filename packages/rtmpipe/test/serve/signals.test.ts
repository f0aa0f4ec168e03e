import { samples, send, take } from '@rtmpipe/testing'
import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { ServerProcess } from '../../../../test/support/server-process.ts'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'
import { connect } from '../../src/index.ts'
import { closed } from '../support/closed.ts'

/** `rtmpipe serve`, with a plugin that says so when the server closes and then never lets go. */
async function hanging(folder: TemporaryFolder): Promise<ServerProcess> {
  const file = folder.file('rtmpipe.config.mjs')
  const onClose = `() => new Promise(() => console.log('closing', setInterval(() => {}, 1_000)))`
  await writeFile(file, `export default { plugins: [{ name: 'hanging', onClose: ${onClose} }] }`)
  return ServerProcess.start({ args: ['--config', file] })
}

describe('SIGUSR2', () => {
  it.concurrent('lets those who are there finish, and nobody else in', async () => {
    await using server = await ServerProcess.start()
    const url = `${server.urls.rtmp}/live`
    const [encoder, viewer] = [await connect(url, { reconnect: false }), await connect(url)]
    const publisher = await encoder.publish('name')
    const player = await viewer.play('name')
    const asked = new Promise(resolve => viewer.once('reconnectRequest', resolve))
    server.program.kill('SIGUSR2')
    await asked
    await server.program.waitForLine(/"connections":2,"msg":"draining/)
    await expect(connect(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await send(publisher, [samples.keyframe(0)])
    expect(await take(player, 1)).toHaveLength(1)
    await viewer.close()
    await encoder.close()
    await server.program.finish(0)
  })

  it.concurrent('gives way to SIGTERM', async () => {
    await using server = await ServerProcess.start()
    const client = await connect(`${server.urls.rtmpt}/live`)
    server.program.kill('SIGUSR2')
    await server.program.waitForLine(/"msg":"draining/)
    const gone = closed(client.messages)
    server.program.kill('SIGTERM')
    await server.program.finish(0)
    await gone
  })
})

describe('a second signal', () => {
  it.concurrent.each<[NodeJS.Signals, NodeJS.Signals, number]>([
    ['SIGTERM', 'SIGTERM', 143],
    ['SIGTERM', 'SIGINT', 130],
    ['SIGINT', 'SIGTERM', 143],
  ])('after %s, %s ends the process at once', async (first, second, code) => {
    await using folder = await TemporaryFolder.create()
    await using server = await hanging(folder)
    server.program.kill(first)
    await server.program.waitForLine(/^closing/)
    server.program.kill(second)
    await server.program.finish(code)
  })
})
