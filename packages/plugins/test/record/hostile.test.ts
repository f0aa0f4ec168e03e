import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { FlvDemuxer } from '@rtmpipe/flv'
import { LiveStream, type RtmpMessage, silentLogger } from '@rtmpipe/session'
import { samples } from '@rtmpipe/testing'
import { describe, expect, it } from 'vitest'
import type { RecordedFile } from '../../src/record/index.ts'
import { Notices } from '../../src/record/notices.ts'
import { Recording } from '../../src/record/recording.ts'
import { settingsOf } from '../../src/record/settings.ts'
import { readFlv } from './support/flv-file.ts'
import { temporaryFolder } from './support/folder.ts'
import { recordedOf } from './support/recorded.ts'

const fixtures = fileURLToPath(new URL('../../../flv/test/fixtures', import.meta.url))

function messagesOf(name: string): RtmpMessage[] {
  const messages: RtmpMessage[] = []
  new FlvDemuxer().push(readFileSync(join(fixtures, `${name}.flv`)), message => messages.push(message))
  return messages
}

async function recorded(messages: readonly RtmpMessage[], format: 'flv' | 'mp4'): Promise<RecordedFile[]> {
  const live = new LiveStream('live', 'cam', { mergeWindow: 0 })
  live.startPublish()
  const files: RecordedFile[] = []
  const settings = settingsOf({ dir: temporaryFolder(), format, segment: { duration: 300 } }, silentLogger)
  const notices = new Notices({ onRecorded: file => void files.push(file) }, settings.log)
  const recording = new Recording(recordedOf(live), settings, notices, undefined, () => {})
  for (const message of messages) live.write(message)
  live.endPublish()
  await recording.done
  await notices.settled()
  expect(live.consumerCount).toBe(0)
  return files
}

const message = fc.record({
  messageTypeId: fc.constantFrom(8, 9, 18),
  messageStreamId: fc.constant(1),
  timestamp: fc.oneof(fc.nat({ max: 3_000 }), fc.integer({ min: 0, max: 0xffff_ffff })),
  payload: fc
    .tuple(
      fc.constantFrom('', '1700000000', '1701000000', '2701000000', 'af00', 'af01', '90687663310000', '9461766331'),
      fc.uint8Array({ maxLength: 40 }),
    )
    .map(([head, rest]) => Buffer.concat([Buffer.from(head, 'hex'), rest])),
})

describe('whatever a publisher sends', () => {
  it.each(['flv', 'mp4'] as const)('a recording as %s ends, and can be read', async format => {
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 40 }), async messages => {
        for (const { file } of await recorded([samples.metadata(), ...messages], format)) {
          if (file.endsWith('.flv')) expect(readFlv(file).metadata).toHaveProperty('duration')
          else expect(readFileSync(file).toString('latin1', 4, 8)).toBe('ftyp')
        }
      }),
      { numRuns: 60 },
    )
  })

  it.each(['hevc-opus', 'av1-flac', 'vp9-ac3', 'hevc-hdr-eac3', 'manycodecs'])(
    '%s with broken bytes, too',
    async name => {
      const whole = messagesOf(name)
      const fault = fc.record({ index: fc.nat(whole.length - 1), at: fc.nat(40), byte: fc.nat(255) })
      await fc.assert(
        fc.asyncProperty(fc.array(fault, { minLength: 1, maxLength: 8 }), async faults => {
          const messages = [...whole]
          for (const { index, at, byte } of faults) {
            const { payload, ...rest } = messages[index] as RtmpMessage
            const broken = Buffer.from(payload)
            if (at < broken.length) broken[at] = byte
            messages[index] = { ...rest, payload: broken }
          }
          await recorded(messages, 'mp4')
        }),
        { numRuns: 12 },
      )
    },
  )
})
