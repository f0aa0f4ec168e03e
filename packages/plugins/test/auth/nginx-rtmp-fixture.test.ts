import { readFileSync } from 'node:fs'
import type { ConnectionInfo } from '@rtmpipe/session'
import { describe, expect, it } from 'vitest'
import type { Callback, CallbackKind } from '../../src/auth/http-callback/callback-event.ts'
import { nginxRtmpFormat } from '../../src/auth/http-callback/formats/nginx-rtmp.ts'

const lines = readFileSync(new URL('fixtures/nginx-rtmp-callbacks.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')
const captured = lines.map(line => {
  const [, method = '', path = '', query = '', body = ''] = /^(\w+) ([^ ?]+)\??(\S*) \|(?: (.*))?$/.exec(line) ?? []
  return { method, path, form: method === 'GET' ? query : body }
})

const kinds: Readonly<Record<string, CallbackKind>> = {
  '/connect': 'connect',
  '/publish': 'publish',
  '/play': 'play',
  '/update': 'update',
  '/publish_done': 'publishEnd',
  '/play_done': 'playEnd',
  '/done': 'publishEnd',
  '/disconnect': 'disconnect',
  '/record_done': 'recorded',
}

/** What nginx must have known to say that. */
function callbackOf(path: string, form: string): Callback {
  const fields = new URLSearchParams(form)
  const isPublisher = fields.get('flashver')?.startsWith('FMLE') === true
  const event = path === '/done' && !isPublisher ? 'playEnd' : kinds[path]
  const action = fields.get('call') === 'update_play' ? 'play' : 'publish'
  const connection: Partial<ConnectionInfo> = {
    flashVer: isPublisher ? 'FMLE/3.0 (compatible; Lavf59.27.100)' : 'LNX 9,0,124,2',
    tcUrl: 'rtmp://127.0.0.1:19350/live',
    remote: { address: '127.0.0.1', port: 4711 },
  }
  return {
    event: event ?? expect.unreachable(path),
    connection: connection as ConnectionInfo,
    client: {
      number: Number(fields.get('clientid')),
      connected: Number(fields.get('epoch')),
      swfUrl: '',
      pageUrl: '',
      appQuery: '',
    },
    app: 'live',
    streamName: 'cam',
    principal: undefined,
    query: new URLSearchParams(),
    rawQuery: isPublisher ? 'token=abc&x=1&b=a%20b+c' : 'viewer=v1',
    publishingType: 'live',
    start: 'any',
    duration: undefined,
    progress: { action, time: Number(fields.get('time')), timestamp: Number(fields.get('timestamp')) },
    recorded: { file: '/var/rec/cam.flv', duration: 1, bytes: 1 },
  }
}

describe('nginx-rtmp has said', () => {
  it('all there is, by POST and by GET', () => {
    for (const method of ['POST', 'GET']) {
      const paths = captured.filter(request => request.method === method).map(({ path }) => path)
      expect([...new Set(paths)].sort()).toEqual(Object.keys(kinds).sort())
    }
  })

  it.each(captured)('$method $path, and so do we, to the letter', ({ path, form }) => {
    const requests = nginxRtmpFormat.requests(callbackOf(path, form))
    expect(requests.map(({ body }) => body)).toContain(form)
    expect(requests[0]?.contentType).toBe('application/x-www-form-urlencoded')
  })
})
