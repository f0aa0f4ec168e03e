/**
 * Datagrams of RTMFP and what stands in them, for whoever reads them without being an endpoint.
 *
 * @packageDocumentation
 */
export { parseCertificate } from './crypto/certificate.ts'
export { parseDiscriminator } from './crypto/endpoint-discriminator.ts'
export { type Negotiation, parseKeying } from './crypto/keying.ts'
export { defaultProtection, type PacketProtection, PacketOpener, sessionIdOf } from './crypto/packet-cipher.ts'
export { ReplayWindow } from './crypto/replay-window.ts'
export { Reassembly } from './flow/reassembly.ts'
export { KeyLogError, parseKeyLog, type RtmfpSessionKeys } from './key-log.ts'
export { readFlowMessage } from './rtmp/flow-message.ts'
export { type FlowMetadata, readFlowMetadata } from './rtmp/metadata.ts'
export { type Acknowledgement, readAcknowledgementBitmap, readAcknowledgementRanges } from './wire/acknowledgement.ts'
export { type Address, AddressOrigin } from './wire/address.ts'
export { ByteReader } from './wire/byte-reader.ts'
export { ChunkType } from './wire/chunk-type.ts'
export type { Option } from './wire/options.ts'
export { forEachChunk, Mode, type PacketHeader, readHeader } from './wire/packet.ts'
export { SequenceSet } from './wire/sequence-set.ts'
export { readBufferProbe, readFlowException } from './wire/session-chunks.ts'
export {
  readCookieChange,
  readForwardedHello,
  readInitiatorHello,
  readInitiatorKeying,
  readPacketFragment,
  readRedirect,
  readResponderHello,
  readResponderKeying,
} from './wire/startup-chunks.ts'
export { FlowOption, Fragment, readNextUserData, readUserData, type UserData } from './wire/user-data.ts'
export { WireError } from './wire/wire-error.ts'
