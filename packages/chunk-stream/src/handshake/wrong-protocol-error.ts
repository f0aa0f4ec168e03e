import { nameOf, type Spoken, whatIs } from '@rtmpipe/net'
import { ProtocolError } from '../errors.ts'

/** A client began with something that is not RTMP, or not the RTMP that is taken here. */
export class WrongProtocolError extends ProtocolError {
  override readonly name = 'WrongProtocolError'
  /** What it is, as far as its first bytes tell. */
  readonly spoken: Spoken

  constructor(spoken: Spoken, version: number, expected: readonly number[]) {
    const what = spoken === 'other' ? '' : `: this is ${nameOf(spoken)}`
    const message = `version ${version} is not ${expected.join(' or ')}${what}`
    super('handshake', 'RTMP_ERR_HANDSHAKE_VERSION', message)
    this.spoken = spoken
  }
}

/** @throws WrongProtocolError for any version but these */
export function checkOpening(bytes: Buffer, expected: readonly number[]): void {
  const version = bytes.readUInt8(0)
  if (!expected.includes(version)) throw new WrongProtocolError(whatIs(bytes) ?? 'other', version, expected)
}
