import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { CaptureDump } from '../dump/capture-dump.ts'
import { CliError } from './cli-error.ts'
import { countOf, type DumpCommandOptions, groupsOf } from './dump-options.ts'
import { DumpOutput } from './dump-output.ts'

/** Exit code of a dump that complains. */
const complained = 1

/** `rtmpipe dump CAPTURE`: to the end of the file, or of standard input, or the limit. */
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

/** @throws CliError when it can't be read */
async function* inputOf(path: string): AsyncGenerator<Buffer> {
  const input: Readable = path === '-' ? process.stdin : createReadStream(path)
  try {
    yield* input as AsyncIterable<Buffer>
  } catch (error) {
    throw new CliError(`can't read ${path}: ${(error as Error).message}`, { cause: error })
  }
}
