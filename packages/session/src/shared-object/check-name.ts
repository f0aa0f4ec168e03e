import { LimitError, ProtocolError, type RtmpError } from '@rtmpipe/chunk-stream'
import { isHarmful } from '../protocol/harmful-name.ts'

/** What is wrong with a name that could do harm in logs, plugins or stores; undefined if nothing is. */
export function sharedObjectNameError(name: string, maxLength: number): RtmpError | undefined {
  if (name.length > maxLength) {
    return new LimitError(
      'RTMP_ERR_NAME_LENGTH',
      `shared object name has ${name.length} characters, more than ${maxLength}`,
    )
  }
  if (name === '' || isHarmful(name)) {
    return new ProtocolError(
      'message',
      'RTMP_ERR_SHARED_OBJECT_NAME',
      `shared object name ${JSON.stringify(name)} is empty or has characters that are not allowed`,
    )
  }
  return undefined
}
