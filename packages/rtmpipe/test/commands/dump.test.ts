import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../../../../test/support/temporary-folder.ts'
import { words } from '../../../../test/support/words.ts'
import { failureHere, rtmpipe } from '../support/command.ts'

describe('rtmpipe dump', () => {
  it('is rtmpipe-dump: prints a capture, complains, and exits with 1', async () => {
    await using folder = await TemporaryFolder.create()
    // C0, C1 and C2, and a chunk of a type that refers to none before it.
    await writeFile(
      folder.file('client.bin'),
      Buffer.concat([Buffer.of(3), Buffer.alloc(2 * 1536), Buffer.of(0xc3, 0)]),
    )
    await using running = rtmpipe('dump', folder.file('client.bin'))
    const { stdout, stderr } = await running.finish(1)
    expect(stdout[0]).toBe('-             0  C0 C1 C2 or S0 S1 S2  version 3, time 0, peer version 0.0.0.0')
    expect(stdout[1]).toMatch(/ ! .*\[RTMP_ERR_CHUNK_HEADER\]$/)
    expect(stderr).toEqual([])
  })

  it.each<[string[], RegExp]>([
    [words`dump`, /missing required argument 'capture' \(see rtmpipe --help\)$/],
    [words`dump nowhere.pcap`, /can't read nowhere.pcap: ENOENT/],
    [words`dump . --limit 0`, /--limit 0: expected a whole number from 1/],
  ])('%j is one line and exit code 2', async (args, reason) => {
    const line = await failureHere(2, ...args)
    expect(line).toMatch(/^rtmpipe: /)
    expect(line).toMatch(reason)
  })
})
