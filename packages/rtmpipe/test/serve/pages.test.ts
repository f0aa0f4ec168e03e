import { describe, expect, it } from 'vitest'
import { ServerProcess } from '../../../../test/support/server-process.ts'
import { connect } from '../../src/index.ts'

async function listed(base: string): Promise<readonly unknown[]> {
  const answer = await fetch(`${base}/rtmpipe/streams`)
  return ((await answer.json()) as { readonly streams: readonly unknown[] }).streams
}

describe('rtmpipe serve --web', () => {
  it('has the pages, says where they are, and lists what is published', async () => {
    await using server = await ServerProcess.start({ args: ['--web'] })
    const base = server.urls.rtmpt.replace('rtmpt', 'http')
    await server.program.waitForLine(new RegExp(`"pages":"${base}/"`))
    for (const path of ['/', '/publish', '/watch/live/name', '/rtmpipe/web.js', '/rtmpipe/elements.js'])
      expect((await fetch(base + path)).status, path).toBe(200)
    expect(await listed(base)).toEqual([])
    const client = await connect(`${server.urls.rtmp}/live`)
    await client.publish('name')
    await expect.poll(() => listed(base)).toMatchObject([{ app: 'live', name: 'name' }])
    await client.close()
  })

  it.for([
    [[], { flv: false, hls: false }],
    [['--http-flv', '--hls'], { flv: true, hls: true }],
    [['--http-flv', '--hls', '--workers', '2'], { flv: true, hls: true }],
  ] as const)('tells pages what there is for viewers over HTTP: %s', async ([args, views]) => {
    await using server = await ServerProcess.start({ args: ['--web', ...args] })
    const answer = await fetch(`${server.urls.rtmpt.replace('rtmpt', 'http')}/rtmpipe/views`)
    expect(await answer.json()).toEqual(views)
  })

  it('has none without it', async () => {
    await using server = await ServerProcess.start({ env: { RTMPIPE_WEB: 'false' } })
    const base = server.urls.rtmpt.replace('rtmpt', 'http')
    for (const path of ['/', '/publish', '/rtmpipe/web.js', '/rtmpipe/streams'])
      expect((await fetch(base + path)).status, path).toBe(404)
  })

  it('lists the streams of all workers', async () => {
    await using server = await ServerProcess.start({ args: ['--web', '--workers', '2'] })
    const base = server.urls.rtmpt.replace('rtmpt', 'http')
    const clients = await Promise.all([1, 2, 3, 4, 5, 6].map(() => connect(`${server.urls.rtmp}/live`)))
    await Promise.all(clients.map((client, index) => client.publish(`name-${index}`)))
    await expect.poll(async () => (await listed(base)).length).toBe(6)
    await Promise.all(clients.map(client => client.close()))
  })
})
