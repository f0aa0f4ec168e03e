/** What takes the place of handshakes.ts in a browser, where nobody connects to us. */
import { createHmac as onlySimple } from '#crypto'

export {
  onlySimple as answerDigest,
  onlySimple as answerEncrypted,
  onlySimple as digestOpening,
  onlySimple as rtmpeOpening,
  onlySimple as ServerHandshake,
}

export function answerTo(): undefined {}
