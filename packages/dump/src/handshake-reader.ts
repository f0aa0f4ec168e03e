import { ClientHandshake, ServerHandshake } from '@rtmpipe/chunk-stream'
import type { Sender } from './record.ts'

/** Bytes of C1, C2, S1 and S2 (RTMP 1.0 §5.2.3). */
const packetLength = 1536

/** Bytes of one side's handshake. */
export const handshakeLength: number = 1 + 2 * packetLength

/** What one side's handshake says. */
export interface ReadHandshake {
  readonly version: number
  readonly time: number
  readonly peerVersion: string
  readonly digest: boolean
  /** Whom the digest says it is from, where that was not known. */
  readonly from: Sender
}

/** Reads C0, C1 and C2, or S0, S1 and S2, whose version is 3. */
export function readHandshake(bytes: Buffer, from: Sender): ReadHandshake {
  const asClient = from !== 'server' && new ServerHandshake().push(bytes).swfVerificationKey !== undefined
  const asServer =
    from !== 'client' &&
    !asClient &&
    new ClientHandshake({ type: 'digest' }).push(bytes).swfVerificationKey !== undefined
  return {
    version: bytes.readUInt8(0),
    time: bytes.readUInt32BE(1),
    peerVersion: bytes.subarray(5, 9).join('.'),
    digest: asClient || asServer,
    from: from ?? (asClient ? 'client' : asServer ? 'server' : null),
  }
}
