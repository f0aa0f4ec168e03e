import type { Attributes } from '@opentelemetry/api'
import { type ConnectionInfo, type PeerAddress, type PlayInfo, type PublishInfo, shownName } from '@rtmpipe/session'

/** What a client calls itself is its own, and may be long. */
const longest = 200

// Names without `rtmp.` are those of OpenTelemetry's semantic conventions.

/** Of somebody who has come, by whatever way. */
export function remoteAttributes({ address, port }: PeerAddress, transport: string): Attributes {
  return {
    'client.address': address,
    'client.port': port,
    'network.protocol.name': 'rtmp',
    'network.transport': 'tcp',
    'url.scheme': transport,
  }
}

/** Of a connection; before `connect` there is little. */
export function connectionAttributes({ id, remote, transport, app, flashVer }: ConnectionInfo): Attributes {
  return {
    ...remoteAttributes(remote, transport),
    'rtmp.connection.id': id,
    ...(app !== '' && { 'rtmp.app': app }),
    ...(flashVer !== '' && { 'user_agent.original': flashVer.slice(0, longest) }),
  }
}

/** Of a publish or play; without its query, where keys stand. */
export function streamAttributes({ app, streamName }: PublishInfo | PlayInfo): Attributes {
  return { 'rtmp.app': app, 'rtmp.stream.name': shownName(streamName) }
}

/** What went wrong in one word: its code, or what kind of error it is. Messages may repeat what is secret. */
export function errorType(error: object): string {
  const { code, name } = error as { code?: unknown; name?: unknown }
  return typeof code === 'string' ? code : typeof name === 'string' ? name : 'Error'
}
