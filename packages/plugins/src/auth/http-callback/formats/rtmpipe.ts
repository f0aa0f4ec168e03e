import { encodeQuery } from '../encode-query.ts'
import { callbackEvents } from '../callback-event.ts'
import { type CallbackFormat, jsonRequest, parsedJson } from '../callback-format.ts'

/** Most characters of a description in an answer; the rest is cut off. */
const maxDescriptionLength = 200

/**
 * rtmpipe's own format: JSON; status 2xx allows. A body may say more: `{"streamName": "…"}` renames an allowed stream,
 * `{"user": "…"}` says who it is, `{"description": "…"}` is told to a refused client.
 */
export const rtmpipeFormat: CallbackFormat = {
  events: [...callbackEvents, 'update', 'recorded'],
  requests: ({ event, connection, client, app, streamName, query, principal, progress, recorded }) => [
    jsonRequest({
      action: progress === undefined ? event : `${progress.action}Update`,
      connection: connection.id,
      ip: connection.remote.address,
      port: connection.remote.port,
      transport: connection.transport,
      secure: connection.secure,
      app,
      stream: streamName,
      query: encodeQuery(query),
      user: principal?.id ?? '',
      tcUrl: connection.tcUrl,
      pageUrl: client.pageUrl,
      userAgent: connection.flashVer,
      ...(progress && { time: progress.time, timestamp: progress.timestamp }),
      ...recorded,
    }),
  ],
  verdict(_event, { status, body }) {
    const { streamName, user, description } = Object(parsedJson(body)) as Record<string, unknown>
    if (status < 200 || status > 299) {
      return {
        kind: 'deny',
        ...(typeof description === 'string' && { description: description.slice(0, maxDescriptionLength) }),
      }
    }
    const named = typeof user === 'string' && user !== '' ? { user } : {}
    return typeof streamName === 'string' ? { kind: 'rename', streamName, ...named } : { kind: 'allow', ...named }
  },
}
