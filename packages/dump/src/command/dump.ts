import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { KeyLogError, parseKeyLog, type RtmfpSessionKeys } from '@rtmpipe/transport-rtmfp/wire'
import { CaptureDump } from '../capture-dump.ts'
import { DumpError } from './dump-error.ts'
import { countOf, type DumpCommandOptions, groupsOf } from './options.ts'
import { DumpOutput } from './output.ts'

/** Exit code of a dump that complains. */
const complained = 1

/**
 * What `rtmpipe-dump CAPTURE` does: writes a capture to standard output, to the end of the file, or of standard input, or
 * the limit. Sets the exit code to 1 if there is something to complain of.
 *
 * @throws DumpError for a wrong option, or a capture that can't be read
 */
export async function dump(path: string, options: DumpCommandOptions): Promise<void> {
  const output = new DumpOutput(process.stdout, {
    json: options.json ?? false,
    groups: groupsOf(options.type),
    limit: options.limit === undefined ? Infinity : countOf('--limit', options.limit, 1),
  })
  const capture = new CaptureDump(
    {
      noHandshake: options.handshake === false,
      chunks: options.chunks ?? false,
      hex: options.hex === undefined ? 0 : countOf('--hex', options.hex, 0),
      showNames: options.showNames ?? false,
      rtmfpKeys: options.rtmfpKeys === undefined ? [] : await readKeys(options.rtmfpKeys),
    },
    output.write,
  )
  for await (const bytes of inputOf(path)) {
    capture.push(bytes)
    await output.flush()
    if (output.done) break
  }
  if (!output.done) capture.end()
  await output.flush()
  if (output.complaints > 0) process.exitCode = complained
}

/** @throws DumpError when it can't be read */
async function* inputOf(path: string): AsyncGenerator<Buffer> {
  const input: Readable = path === '-' ? process.stdin : createReadStream(path)
  try {
    yield* input as AsyncIterable<Buffer>
  } catch (error) {
    throw new DumpError(`can't read ${path}: ${(error as Error).message}`, { cause: error })
  }
}

/** @throws DumpError when they can't be read */
async function readKeys(path: string): Promise<RtmfpSessionKeys[]> {
  try {
    // A pipe would be waited for, and a device may have no end.
    if (!(await stat(path)).isFile()) throw new Error('it is not a regular file')
    return parseKeyLog(await readFile(path, 'utf8'))
  } catch (error) {
    const { message } = error as Error
    if (error instanceof KeyLogError) throw new DumpError(`--rtmfp-keys ${path}: ${message}`, { cause: error })
    throw new DumpError(`can't read ${path}: ${message}`, { cause: error })
  }
}
