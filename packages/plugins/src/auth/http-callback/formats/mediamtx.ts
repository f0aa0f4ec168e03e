import { encodeQuery } from '../encode-query.ts'
import { type CallbackFormat, jsonRequest } from '../callback-format.ts'

/** As MediaMTX's `authHTTPAddress` is asked: JSON; any status 20x allows. */
export const mediamtxFormat: CallbackFormat = {
  events: ['publish', 'play'],
  requests: ({ event, connection, app, streamName, query, rawQuery }) => [
    jsonRequest({
      user: query.get('user') ?? '',
      password: query.get('pass') ?? '',
      token: query.get('token') ?? '',
      ip: connection.remote.address,
      action: event === 'publish' ? 'publish' : 'read',
      path: `${app}/${streamName}`,
      protocol: 'rtmp',
      id: connection.id,
      query: connection.query.size === 0 ? rawQuery : encodeQuery(query),
      userAgent: connection.flashVer,
    }),
  ],
  verdict: (_event, { status }) => ({ kind: status >= 200 && status <= 209 ? 'allow' : 'deny' }),
}
