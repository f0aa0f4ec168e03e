/**
 * RTMFP, which is RTMP over UDP (RFC 7016, RFC 7425): listens and dials, and satisfies the `MessageTransport` contract of
 * `@rtmpipe/session`.
 *
 * @example
 * ```ts
 * import { rtmfp } from '@rtmpipe/transport-rtmfp'
 *
 * const listener = await rtmfp({ host: '::', port: 1935 }).listen(({ messages, peerId }) => {
 *   console.log(`${peerId} is here`)
 *   messages.pipe(messages)
 * })
 * await listener.close()
 * ```
 *
 * It encrypts, but does not prove who a server is. Media that is late is given up, commands never are.
 *
 * @packageDocumentation
 */
export type { RtmfpConnection, RtmfpPeerNetwork } from './connection.ts'
export type { EndpointUsage, Introduction } from './contract/endpoint.ts'
export { RtmfpUrlError } from './dial-target.ts'
export { keyLogLine, type RtmfpPacketKeys, type RtmfpSessionEnd, type RtmfpSessionKeys } from './key-log.ts'
export { defaultEndpointLimits, type EndpointLimits } from './limits.ts'
export type { RtmfpOptions } from './options.ts'
export { PeerError } from './peers/peer-error.ts'
export type { RtmfpListener, RtmfpListenOptions } from './rtmfp-listener.ts'
export { rtmfp, type RtmfpTransport } from './rtmfp-transport.ts'
export { StartupError } from './startup/startup-error.ts'
export type { Endpoint } from './wire/address.ts'
