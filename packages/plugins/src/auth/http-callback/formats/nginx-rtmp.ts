import { callbackEvents, type Callback, type CallbackKind } from '../callback-event.ts'
import { percentEncoded } from '../../../percent-encoding.ts'
import type { CallbackFormat, CallbackRequest } from '../callback-format.ts'

/**
 * As nginx-rtmp's `on_…` directives do it: a form, with the stream's own query at its end as it was sent. Of the answer
 * only the first digit of the status counts.
 */
export const nginxRtmpFormat: CallbackFormat = {
  events: [...callbackEvents, 'update', 'recorded'],
  requests: callback => calls[callback.event](callback).map(fields => form(callback, fields)),
  verdict(event, { status, location }) {
    const kind = Math.floor(status / 100)
    if (kind === 2) return { kind: 'allow' }
    if (kind !== 3 || location === '' || event === 'connect') return { kind: 'deny' }
    return /^rtmps?:\/\//i.test(location) ? { kind: 'relay', url: location } : { kind: 'rename', streamName: location }
  },
}

/** Bytes: its field has 32, and the last is for NUL. */
const maxFlashVer = 31

type Fields = readonly (readonly [string, string | number])[]

/** Fields after those that all events have. */
const calls: Readonly<Record<CallbackKind, (callback: Callback) => readonly Fields[]>> = {
  connect: () => [[['call', 'connect']]],
  publish: ({ streamName, publishingType }) => [
    [
      ['call', 'publish'],
      ['name', streamName],
      ['type', publishingType],
    ],
  ],
  play: ({ streamName, start, duration = 0 }) => [
    [
      ['call', 'play'],
      ['name', streamName],
      ['start', unsigned(start === 'any' ? -2000 : start === 'live' ? -1000 : start)],
      ['duration', unsigned(duration)],
      ['reset', 0],
    ],
  ],
  update: ({ streamName, progress }) => [
    [
      ['call', `update_${progress?.action}`],
      ['time', progress?.time ?? 0],
      ['timestamp', progress?.timestamp ?? 0],
      ['name', streamName],
    ],
  ],
  // `recorder` is the name of a block in the configuration of nginx-rtmp; this is the usual one.
  recorded: ({ streamName, recorded }) => [
    [
      ['call', 'record_done'],
      ['recorder', 'all'],
      ['name', streamName],
      ['path', recorded?.file ?? ''],
    ],
  ],
  publishEnd: ({ streamName }) => done('publish_done', streamName),
  playEnd: ({ streamName }) => done('play_done', streamName),
  disconnect: ({ app }) => [
    [
      ['call', 'disconnect'],
      ['app', app],
    ],
  ],
}

/** `on_publish_done` or `on_play_done` comes before `on_done`. */
function done(call: string, streamName: string): readonly Fields[] {
  return [call, 'done'].map(name => [
    ['call', name],
    ['name', streamName],
  ])
}

function form({ event, connection, client, app, rawQuery }: Callback, fields: Fields): CallbackRequest {
  const common: Fields = [
    ['app', app],
    ['flashver', Buffer.from(connection.flashVer).subarray(0, maxFlashVer).toString()],
    ['swfurl', client.swfUrl],
    ['tcurl', connection.tcUrl],
    ['pageurl', client.pageUrl],
    ['addr', connection.remote.address],
    event === 'connect' ? ['epoch', unsigned(client.connected)] : ['clientid', client.number],
  ]
  const text = [...common, ...fields].map(([name, value]) => `${name}=${escaped(String(value))}`).join('&')
  const query = event === 'connect' ? client.appQuery : event === 'disconnect' ? '' : rawQuery
  return { contentType: 'application/x-www-form-urlencoded', body: query === '' ? text : `${text}&${query}` }
}

/** nginx-rtmp prints unset numbers as they are in memory. */
function unsigned(number: number): number {
  return number >>> 0
}

/** Escapes characters that would end a value, and those that are not printable ASCII; slashes and colons stay. */
function escaped(text: string): string {
  return text.replace(/[^!$'()*,\-./0-9:=@A-Z[\]_a-z~]+/g, percentEncoded)
}
