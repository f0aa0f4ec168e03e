import { LimitError, ProtocolError } from '@rtmpipe/chunk-stream'
import { isHarmful } from '../protocol/harmful-name.ts'

/**
 * Refuses names that could do harm in logs, plugins or stores, in this one place.
 *
 * @throws ProtocolError, LimitError for names that could not be meant
 */
export function checkSharedObjectName(name: string, maxLength: number): void {
  if (name.length > maxLength) {
    throw new LimitError(
      'RTMP_ERR_NAME_LENGTH',
      `shared object name has ${name.length} characters, more than ${maxLength}`,
    )
  }
  if (name === '' || isHarmful(name)) {
    throw new ProtocolError(
      'message',
      'RTMP_ERR_SHARED_OBJECT_NAME',
      `shared object name ${JSON.stringify(name)} is empty or has characters that are not allowed`,
    )
  }
}
