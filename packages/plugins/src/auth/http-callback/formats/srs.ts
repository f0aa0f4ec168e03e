import { createHash, randomBytes } from 'node:crypto'
import { callbackEvents, type Callback, type CallbackKind } from '../callback-event.ts'
import { type CallbackFormat, jsonRequest, parsedJson } from '../callback-format.ts'

const actions: Readonly<Partial<Record<CallbackKind, string>>> = {
  connect: 'on_connect',
  publish: 'on_publish',
  play: 'on_play',
  publishEnd: 'on_unpublish',
  playEnd: 'on_stop',
  disconnect: 'on_close',
  recorded: 'on_dvr',
}

const [serverId, serviceId] = [`vid-${randomBytes(4).toString('hex')}`, randomBytes(4).toString('hex')]

/** As SRS's `http_hooks` do it: JSON. An answer with 200 or 201 and `0` or `{"code": 0}` allows. */
export const srsFormat: CallbackFormat = {
  events: [...callbackEvents, 'recorded'],
  requests: callback => [jsonRequest(fieldsOf(callback))],
  verdict(_event, { status, body }) {
    const answer = parsedJson(body)
    const code = typeof answer === 'number' ? answer : (Object(answer) as Record<string, unknown>)['code']
    return (status === 200 || status === 201) && code === 0 ? { kind: 'allow' } : { kind: 'deny' }
  },
}

/** The order of the fields is theirs. */
function fieldsOf(callback: Callback): object {
  const { event, connection, client, app, query } = callback
  const { tcUrl } = connection
  const common = {
    server_id: serverId,
    service_id: serviceId,
    action: actions[event],
    client_id: connection.id,
    ip: connection.remote.address,
    vhost: query.get('vhost') ?? '__defaultVhost__',
    app,
  }
  const stream = { stream: callback.streamName }
  const { param, stream_url, stream_id } = streamFields(callback)
  switch (event) {
    case 'connect':
      return { ...common, tcUrl, pageUrl: client.pageUrl }
    case 'publish':
      return { ...common, tcUrl, ...stream, param, stream_url, stream_id }
    case 'play':
      return { ...common, ...stream, tcUrl, param, pageUrl: client.pageUrl, stream_url, stream_id }
    case 'disconnect':
      return { ...common, send_bytes: connection.bytesSent, recv_bytes: connection.bytesReceived }
    case 'recorded':
      return { ...common, ...stream, param, cwd: process.cwd(), file: callback.recorded?.file, stream_url, stream_id }
    default:
      return { ...common, ...stream, param, stream_url, stream_id }
  }
}

function streamFields({ app, streamName, rawQuery }: Callback): {
  param: string
  stream_url: string
  stream_id: string
} {
  const url = `/${app}/${streamName}`
  const id = createHash('sha256').update(url).digest('hex').slice(0, 7)
  return { param: rawQuery === '' ? '' : `?${rawQuery}`, stream_url: url, stream_id: `vid-${id}` }
}
