/**
 * RTMP servers and clients composed of Node streams: RTMP, RTMPS, RTMPT and RTMPTS, live streams, and plugins that hook
 * into connect, publish and play.
 *
 * @example
 * ```ts
 * const server = createServer({ transports: [tcp({ port: 1935 }), httpTunnel({ port: 8080 })] })
 * server.use({ name: 'keys', onPublish: ({ query }) => (query.get('key') === 'secret' ? undefined : deny('NetStream.Publish.Denied', 'wrong key')) })
 * await server.listen()
 * ```
 *
 * @packageDocumentation
 */
export { type AmfObject, type AmfValue } from '@rtmpipe/amf'
export {
  LimitError,
  MessageType,
  ProtocolError,
  RtmpError,
  type RtmpMessage,
  swfIdentity,
  type SwfIdentity,
  UsageError,
} from '@rtmpipe/chunk-stream'
export { FlvDemuxStage, FlvMuxStage } from '@rtmpipe/flv'
export { LOGGER, PLUGIN, type PluginClass } from '@rtmpipe/plugins'
export * from '@rtmpipe/session'
export { tunnelRoutes } from '@rtmpipe/transport-http-tunnel'
export { tcp, type TcpOptions } from '@rtmpipe/transport-tcp'
export {
  certificateFiles,
  createSelfSignedCertificate,
  loadOrCreateCertificate,
  type TlsOptions,
  withTls,
} from '@rtmpipe/transport-tls'
export { connect, type ConnectOptions } from './connect.ts'
export { createServer, type Server, type ServerOptions } from './create-server.ts'
export { PaceStage } from './pace-stage.ts'
export { splitStreamUrl, type StreamUrl } from './stream-url.ts'
export { httpTunnel, type HttpTunnelOptions, tls } from './transports.ts'
