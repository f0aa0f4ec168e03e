/** All handshakes but the client's simple one, which is everywhere; in browsers they are those of handshakes.browser.ts. */
import { wrongPortAnswer } from '@rtmpipe/net'
import { WrongProtocolError } from './wrong-protocol-error.ts'

export { answerDigest, answerEncrypted } from './client-answer.ts'
export { digestOpening, rtmpeOpening } from './client-opening.ts'
export { ServerHandshake } from './server-handshake.ts'

const rtmpPortAnswer = wrongPortAnswer('This port speaks RTMP: HTTP and RTMPT have another one.')

/** Whoever speaks HTTP is told in HTTP what is wrong with its opening. */
export function answerTo(error: unknown): string | undefined {
  return error instanceof WrongProtocolError && error.spoken === 'http' ? rtmpPortAnswer : undefined
}
