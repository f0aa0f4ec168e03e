/**
 * The RTMP chunk stream on Node streams: handshake, chunk demuxer and muxer, protocol control and user control
 * messages, and {@link ChunkConnection}, which makes a message connection out of a byte stream.
 *
 * It knows nothing of sockets, and does not look into audio, video, data or command messages.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:net'
 * import { ChunkConnection } from '@rtmpipe/chunk-stream'
 *
 * createServer(socket => {
 *   const connection = new ChunkConnection(socket, { role: 'server' })
 *   connection.on('data', message => console.log(message.messageTypeId, message.payload.length))
 *   connection.on('error', error => console.error(error.message))
 * }).listen(1935)
 * ```
 *
 * @packageDocumentation
 */
export { maxQueuedForAnswers } from './acknowledgements.ts'
export { aggregate, aggregatedLength, maxAggregateMessages, splitAggregate } from './aggregate.ts'
export { ChunkConnection, type ChunkConnectionOptions } from './chunk-connection.ts'
export { ChunkDemuxStage, type ChunkDemuxStageOptions } from './chunk-demux-stage.ts'
export { ChunkDemuxer } from './chunk-demuxer.ts'
export { type ChunkLimits, defaultChunkLimits } from './chunk-limits.ts'
export { ChunkMuxStage } from './chunk-mux-stage.ts'
export { ChunkMuxer } from './chunk-muxer.ts'
export {
  LimitError,
  ProtocolError,
  type ProtocolLayer,
  RtmpError,
  type RtmpErrorCode,
  UsageError,
} from './errors.ts'
export {
  ClientHandshake,
  type ClientHandshakeOptions,
  type ClientHandshakeType,
} from './handshake/client-handshake.ts'
export type { Handshake, HandshakeStep } from './handshake/handshake.ts'
export { HandshakeStage, type HandshakeStageOptions } from './handshake/handshake-stage.ts'
export { ServerHandshake, type ServerHandshakeOptions } from './handshake/server-handshake.ts'
export { WrongProtocolError } from './handshake/wrong-protocol-error.ts'
export type { StreamCipher, StreamCiphers } from './handshake/stream-ciphers.ts'
export { checkSwfIdentity, swfIdentity, type SwfIdentity } from './handshake/swf-identity.ts'
export { isSwfVerifyResponse, swfVerifyResponse } from './handshake/swf-verification.ts'
export { MessageBatch } from './message-batch.ts'
export { holdPayload, isReusable, releasePayload } from './payload-holds.ts'
export { originOf } from './origin-of.ts'
export type { PayloadOrigin } from './payload-origin.ts'
export type { SparingBytes } from './sparing-bytes.ts'
export { MessageType, type RtmpMessage } from './message.ts'
export type { ChunkObserver, ObservedChunk } from './observed-chunk.ts'
export {
  abortMessage,
  acknowledgement,
  BandwidthLimitType,
  parseAbort,
  parseAcknowledgement,
  parseSetChunkSize,
  parseSetPeerBandwidth,
  parseWindowAcknowledgementSize,
  type PeerBandwidth,
  setChunkSize,
  setPeerBandwidth,
  windowAcknowledgementSize,
} from './protocol-control.ts'
export { parseUserControl, userControl, type UserControlEvent, UserControlEventType } from './user-control.ts'
export { didYouMean, suggestion } from './suggestion.ts'
