import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { RunningProgram } from '../../../test/support/running-program.ts'
import { TemporaryFolder } from '../../../test/support/temporary-folder.ts'
import { words } from '../../../test/support/words.ts'
import { main } from '../src/command/main.ts'
import { chunk, command, handshake } from './support/dump.ts'

const program = fileURLToPath(new URL('../bin/rtmpipe-dump.js', import.meta.url))
const wire = (name: string) => fileURLToPath(new URL(`../../../test/fixtures/wire/${name}.bin`, import.meta.url))
const publish = wire('ffmpeg-5.1-publish-rtmp.client')

const connect = command(0, 'connect', 1, { app: 'live' })
const publishName = command(1, 'publish', 0, null, 'name')

async function dump(code: number, ...args: readonly string[]): Promise<readonly string[]> {
  await using running = new RunningProgram({ name: 'rtmpipe-dump', file: process.execPath, args: [program, ...args] })
  const { stdout, stderr } = await running.finish(code)
  expect(stderr).toEqual([])
  return stdout
}

/** Runs the command here, which must end with exit code 2 and one line on standard error. Resolves with the line. */
async function failureOf(args: readonly string[]): Promise<string> {
  const { exitCode } = process
  const written: string[] = []
  const spy = vi.spyOn(process.stderr, 'write').mockImplementation(text => written.push(String(text)) > 0)
  try {
    await main(args)
    expect(process.exitCode).toBe(2)
  } finally {
    spy.mockRestore()
    process.exitCode = exitCode
  }
  expect(written.join('').trimEnd().split('\n')).toHaveLength(1)
  return written.join('').trimEnd()
}

describe('rtmpipe-dump', () => {
  let folder: TemporaryFolder
  beforeAll(async () => {
    folder = await TemporaryFolder.create()
    await writeFile(folder.file('early.bin'), Buffer.concat([handshake, command(1, 'publish', 1, null, 'name')]))
  })
  afterAll(() => folder[Symbol.asyncDispose]())

  it.concurrent('prints a capture and exits with 0', async () => {
    const lines = await dump(0, publish)
    expect(lines).toHaveLength(89)
    expect(lines.slice(0, 3)).toEqual([
      'client        0  C0 C1 C2  version 3, time 0, peer version 9.0.124.2, digest',
      'client     3073       0 ms  csid 3  stream 0  CommandAmf0  140 bytes  connect(1) {app: "live", type: "nonprivate", flashVer: "FMLE/3.0 (compatible; Lavf59.27.100)", tcUrl: "rtmp://127.0.0.1:45505/live"}',
      'client     3226       0 ms  csid 2  stream 0  SetChunkSize  4 bytes  size 60000',
    ])
    expect(lines.at(-1)).toBe('client    18888  end  87 messages')
  })

  it.concurrent('complains and exits with 1', async () => {
    expect(await dump(1, folder.file('early.bin'))).toEqual([
      '-             0  C0 C1 C2 or S0 S1 S2  version 3, time 0, peer version 0.0.0.0',
      'client     3073       0 ms  csid 3  stream 1  CommandAmf0  27 bytes  publish(1) null, "***"',
      'client     3073  ! publish before connect [command-state]',
      'client     3112  end  1 message',
    ])
  })

  it.concurrent('reads standard input, and writes JSON lines', async () => {
    const running = spawn(process.execPath, [program, '-', '--json', '--show-names', '--type', 'command,control'])
    createReadStream(publish).pipe(running.stdin)
    let text = ''
    running.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part
    })
    const [code] = (await once(running, 'close')) as [number]
    expect(code).toBe(0)
    const records = text
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as { kind: string; type?: string; body?: unknown })
    expect(records.map(({ kind, type }) => type ?? kind)).toEqual([
      'connection',
      'handshake',
      'CommandAmf0',
      'SetChunkSize',
      ...Array<string>(6).fill('CommandAmf0'),
      'end',
    ])
    expect(records[7]?.body).toEqual({ name: 'publish', transactionId: 5, values: [null, 'recorded', 'live'] })
  })

  it.concurrent('stops at a limit, with chunks and bytes', async () => {
    const lines = await dump(0, ...words`${publish} --type audio --limit 2 --chunks --hex 2`)
    expect(lines.slice(1)).toEqual([
      'client     3789  chunk  csid 4  format 0, header 12, bytes 0-7 of 7',
      'client     3789       0 ms  csid 4  stream 1  Audio  7 bytes  mp4a SequenceStart  af00',
      'client     5690  chunk  csid 4  format 1, header 8, bytes 0-176 of 176',
      'client     5690      44 ms  csid 4  stream 1  Audio  176 bytes  mp4a CodedFrames  af01',
    ])
  })

  it.concurrent('writes no faster than it is read, however much it is', async () => {
    const file = folder.file('long.bin')
    const messages = Array.from({ length: 20_000 }, () => chunk(4, 8, 1, Buffer.alloc(128, 0x2f)))
    await writeFile(file, Buffer.concat([handshake, connect, publishName, ...messages]))
    const lines = await dump(0, file)
    expect(lines).toHaveLength(20_004)
    expect(lines.at(-1)).toMatch(/ end {2}20002 messages$/)
  })

  it.concurrent('ends quietly when nobody reads on', async () => {
    const running = spawn(process.execPath, [program, publish, '--chunks', '--json', '--hex', '4000'])
    let errors = ''
    running.stderr.setEncoding('utf8').on('data', (part: string) => {
      errors += part
    })
    running.stdout.destroy()
    const [code] = (await once(running, 'close')) as [number]
    expect([code, errors]).toEqual([0, ''])
  })

  it.each<[string[], RegExp]>([
    [[], /missing required argument 'capture' \(see rtmpipe-dump --help\)$/],
    [words`nowhere.pcap`, /can't read nowhere.pcap: ENOENT/],
    [words`.`, /can't read \.: EISDIR/],
    [words`${publish} --type sound`, /--type sound: expected some of control,audio/],
    [words`${publish} --limit 0`, /--limit 0: expected a whole number from 1/],
    [words`${publish} --hex x`, /--hex x: expected a whole number from 0/],
  ])('%j is one line and exit code 2', async (args, reason) => {
    const line = await failureOf(args)
    expect(line).toMatch(/^rtmpipe-dump: /)
    expect(line).toMatch(reason)
  })
})
