import { hmac } from './packet-digest.ts'
import { packetLength } from './packet.ts'
import { Rc4 } from './rc4.ts'

/** Encrypts or decrypts one direction of a connection. */
export interface StreamCipher {
  /** The next bytes of the stream, as a buffer of their own. */
  apply(bytes: Uint8Array): Buffer
}

/** The ciphers for all bytes after an encrypted handshake. */
export interface StreamCiphers {
  /** Decrypts what the peer sends. */
  readonly incoming: StreamCipher
  /** Encrypts what is sent to the peer. */
  readonly outgoing: StreamCipher
}

/** The ciphers of RTMPE: the key of each direction is made of the receiver's public key. */
export function streamCiphers(secret: Buffer, ourPublicKey: Buffer, peerPublicKey: Buffer): StreamCiphers {
  return { incoming: cipher(secret, ourPublicKey), outgoing: cipher(secret, peerPublicKey) }
}

function cipher(secret: Buffer, receiversKey: Buffer): Rc4 {
  const rc4 = new Rc4(hmac(secret, receiversKey).subarray(0, 16))
  // As if C2 or S2 had been encrypted.
  rc4.apply(Buffer.alloc(packetLength))
  return rc4
}
