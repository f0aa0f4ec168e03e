import { closeSync, constants, fchmodSync, fstatSync, openSync, readSync, writeSync } from 'node:fs'
import type { Logger } from '@rtmpipe/session'
import { keyLogLine, type RtmfpSessionKeys } from '@rtmpipe/transport-rtmfp'
import { CliError } from './cli-error.ts'

/** Only for who runs the server. */
const mode = 0o600
/** Links are not followed, and pipes not waited for; Windows knows neither flag. */
const flags =
  constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
/** How a line of keys begins. */
const beginning = '{"initiator":'
/** Bytes in which the first line has to begin. */
const mostBlank = 4_096

/**
 * Writes the keys of sessions to a file, which nobody else may read, behind what is there. Says so in the log: with the
 * file all sessions can be read. It is opened once, and stays open as long as the process lives: whoever puts another
 * file in its place gets no keys.
 *
 * @throws CliError for a file that can't be written, and for one that is something else than a key log
 */
export function openKeyLog(file: string, log: Logger): (keys: RtmfpSessionKeys) => void {
  const descriptor = openFile(file)
  log.warn(
    { file },
    'the keys of all RTMFP sessions are written to this file: whoever has it can read what they carry. --rtmfp-keylog is for debugging alone',
  )
  let isTold = false
  return keys => {
    try {
      writeSync(descriptor, keyLogLine(keys))
    } catch (error) {
      if (!isTold)
        log.warn({ file, code: (error as NodeJS.ErrnoException).code }, 'the RTMFP key log can not be written')
      isTold = true
    }
  }
}

function openFile(file: string): number {
  let descriptor: number | undefined
  try {
    descriptor = openSync(file, flags, mode)
    const trouble = troubleWith(descriptor)
    if (trouble !== undefined) throw new Error(trouble)
    // It may have been there, for others to read.
    fchmodSync(descriptor, mode)
    return descriptor
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor)
    const reason = reasonOf(error as NodeJS.ErrnoException)
    throw new CliError(`--rtmfp-keylog ${file}: it can't be written: ${reason}`, { cause: error })
  }
}

/** Why keys do not belong there. */
function troubleWith(descriptor: number): string | undefined {
  if (!fstatSync(descriptor).isFile()) return 'it is not a regular file'
  const bytes = Buffer.alloc(mostBlank)
  const text = bytes.toString('latin1', 0, readSync(descriptor, bytes, 0, mostBlank, 0)).trimStart()
  return text === '' || text.startsWith(beginning)
    ? undefined
    : 'it has something else than keys in it: name a new file'
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ELOOP') return 'it is a symbolic link: name the file itself'
  return code === 'ENXIO' ? 'it is not a regular file' : message
}
