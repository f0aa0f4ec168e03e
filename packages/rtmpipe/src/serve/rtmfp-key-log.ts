import { appendFileSync, closeSync, fchmodSync, fstatSync, openSync } from 'node:fs'
import type { Logger } from '@rtmpipe/session'
import { keyLogLine, type RtmfpSessionKeys } from '@rtmpipe/transport-rtmfp'
import { CliError } from './cli-error.ts'

/** Only for who runs the server. */
const mode = 0o600

/**
 * Writes the keys of sessions to a file, which nobody else may read, behind what is there. Says so in the log: with the
 * file all sessions can be read.
 *
 * @throws CliError for a file that can't be written
 */
export function openKeyLog(file: string, log: Logger): (keys: RtmfpSessionKeys) => void {
  prepare(file)
  log.warn(
    { file },
    'the keys of all RTMFP sessions are written to this file: whoever has it can read what they carry. --rtmfp-keylog is for debugging alone',
  )
  let isTold = false
  return keys => {
    try {
      appendFileSync(file, keyLogLine(keys), { mode })
    } catch (error) {
      if (!isTold)
        log.warn({ file, code: (error as NodeJS.ErrnoException).code }, 'the RTMFP key log can not be written')
      isTold = true
    }
  }
}

function prepare(file: string): void {
  try {
    const descriptor = openSync(file, 'a', mode)
    try {
      // It may have been there; a device or pipe stays as it is.
      if (fstatSync(descriptor).isFile()) fchmodSync(descriptor, mode)
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    throw new CliError(`--rtmfp-keylog ${file}: it can't be written: ${(error as Error).message}`, { cause: error })
  }
}
