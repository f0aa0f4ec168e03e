import { messagePair } from '@rtmpipe/testing'
import { RtmpClient, RtmpServer } from '@rtmpipe/session'
import { describe, expect, it } from 'vitest'
import { httpCallback, type HttpCallbackOptions } from '../../src/auth/index.ts'
import { CallbackServer } from './support/callback-server.ts'

type Format = NonNullable<HttpCallbackOptions['format']>

const flashVer = 'FMLE/3.0 (compatible; Lavf59.27.100)'
const tcUrl = 'rtmp://10.0.0.9:1935/live'

/** What a web server hears of a publisher and of a player who come and go. The player has gone after `ofPlayer` requests. */
async function story(
  format: Format,
  ofPlayer: number,
  more: Partial<HttpCallbackOptions> = {},
): Promise<{ web: CallbackServer; ids: readonly string[] }> {
  const web = await CallbackServer.start()
  web.answer = () => ({ body: format === 'srs' ? '{"code":0}' : '' })
  const plugin = httpCallback({ url: `${web.url}/hook?a=1`, format, ...more })
  const server = new RtmpServer({ transports: [], plugins: [plugin] })
  const ids: string[] = []
  const connect = async () => {
    const [near, far] = messagePair()
    server.serve(far, { transport: 'rtmps', secure: true, remote: { address: '192.0.2.7', port: 50000 } })
    const client = new RtmpClient(near)
    const properties = { flashVer, swfUrl: 'http://x/a b.swf', pageUrl: 'http://x/?p=1&q=ä' }
    await client.connect({ app: 'live', tcUrl, properties })
    ids.push([...server.connections].at(-1)?.id ?? '')
    return client
  }
  const publisher = await connect()
  const publishing = await publisher.publish('cam?token=abc&x=1')
  const player = await connect()
  const playing = await player.play('cam?viewer=v1')
  playing.resume()
  const ended = new Promise(resolve => playing.once('close', resolve))
  playing.destroy()
  await ended
  await player.close()
  await web.heard(ofPlayer)
  await new Promise(resolve => publishing.end(resolve))
  await publisher.close()
  await server.close()
  return { web, ids }
}

describe('the body of each request, byte for byte', () => {
  it('nginx-rtmp', async () => {
    const { web } = await story('nginx-rtmp', 7)
    await using _ = web
    const common =
      'app=live&flashver=FMLE/3.0%20(compatible%3B%20Lavf59.27&swfurl=http://x/a%20b.swf' +
      '&tcurl=rtmp://10.0.0.9:1935/live&pageurl=http://x/%3Fp=1%26q=%C3%A4&addr=192.0.2.7'
    expect(web.bodies.map(body => body.replace(/&epoch=\d+/, '&epoch=E'))).toEqual([
      `${common}&epoch=E&call=connect`,
      `${common}&clientid=1&call=publish&name=cam&type=live&token=abc&x=1`,
      `${common}&epoch=E&call=connect`,
      `${common}&clientid=2&call=play&name=cam&start=4294965296&duration=0&reset=0&viewer=v1`,
      `${common}&clientid=2&call=play_done&name=cam&viewer=v1`,
      `${common}&clientid=2&call=done&name=cam&viewer=v1`,
      `${common}&clientid=2&call=disconnect&app=live`,
      `${common}&clientid=1&call=publish_done&name=cam&token=abc&x=1`,
      `${common}&clientid=1&call=done&name=cam&token=abc&x=1`,
      `${common}&clientid=1&call=disconnect&app=live`,
    ])
    for (const { method, path, headers } of web.received) {
      expect([method, path, headers['content-type']]).toEqual([
        'POST',
        '/hook?a=1',
        'application/x-www-form-urlencoded',
      ])
    }
  })

  it('srs', async () => {
    const { web, ids } = await story('srs', 6)
    await using _ = web
    const { server_id, service_id } = JSON.parse(web.bodies[0] ?? '') as Record<string, string>
    expect([server_id, service_id]).toEqual([expect.stringMatching(/^vid-\w+$/), expect.stringMatching(/^\w+$/)])
    const common = (action: string, client: number) =>
      `{"server_id":"${server_id}","service_id":"${service_id}","action":"${action}","client_id":"${ids[client]}",` +
      '"ip":"192.0.2.7","vhost":"__defaultVhost__","app":"live"'
    const url = `"tcUrl":"${tcUrl}"`
    const page = '"pageUrl":"http://x/?p=1&q=ä"'
    const { stream_id } = JSON.parse(web.bodies[1] ?? '') as Record<string, string>
    const where = `"stream_url":"/live/cam","stream_id":"${stream_id}"}`
    expect(web.bodies.map(body => body.replace(/_bytes":\d+/g, '_bytes":B'))).toEqual([
      `${common('on_connect', 0)},${url},${page}}`,
      `${common('on_publish', 0)},${url},"stream":"cam","param":"?token=abc&x=1",${where}`,
      `${common('on_connect', 1)},${url},${page}}`,
      `${common('on_play', 1)},"stream":"cam",${url},"param":"?viewer=v1",${page},${where}`,
      `${common('on_stop', 1)},"stream":"cam","param":"?viewer=v1",${where}`,
      `${common('on_close', 1)},"send_bytes":B,"recv_bytes":B}`,
      `${common('on_unpublish', 0)},"stream":"cam","param":"?token=abc&x=1",${where}`,
      `${common('on_close', 0)},"send_bytes":B,"recv_bytes":B}`,
    ])
    expect(new Set(web.received.map(({ headers }) => headers['content-type']))).toEqual(new Set(['application/json']))
  })

  it('mediamtx', async () => {
    const { web, ids } = await story('mediamtx', 2)
    await using _ = web
    const rest = (client: number, query: string) =>
      `"path":"live/cam","protocol":"rtmp","id":"${ids[client]}","query":"${query}","userAgent":"${flashVer}"}`
    expect(web.bodies).toEqual([
      `{"user":"","password":"","token":"abc","ip":"192.0.2.7","action":"publish",${rest(0, 'token=abc&x=1')}`,
      `{"user":"","password":"","token":"","ip":"192.0.2.7","action":"read",${rest(1, 'viewer=v1')}`,
    ])
  })

  it('rtmpipe', async () => {
    const { web, ids } = await story('rtmpipe', 6)
    await using _ = web
    const body = (action: string, client: number, stream: string, query: string) =>
      `{"action":"${action}","connection":"${ids[client]}","ip":"192.0.2.7","port":50000,"transport":"rtmps","secure":true,` +
      `"app":"live","stream":"${stream}","query":"${query}","user":"","tcUrl":"${tcUrl}",` +
      `"pageUrl":"http://x/?p=1&q=ä","userAgent":"${flashVer}"}`
    expect(web.bodies).toEqual([
      body('connect', 0, '', ''),
      body('publish', 0, 'cam', 'token=abc&x=1'),
      body('connect', 1, '', ''),
      body('play', 1, 'cam', 'viewer=v1'),
      body('playEnd', 1, 'cam', 'viewer=v1'),
      body('disconnect', 1, '', ''),
      body('publishEnd', 0, 'cam', 'token=abc&x=1'),
      body('disconnect', 0, '', ''),
    ])
  })
})
