import { acknowledgement } from '@rtmpipe/chunk-stream'
import { describe, expect, it } from 'vitest'
import { AcknowledgedBytes } from '../src/acknowledged-bytes.ts'
import { AcknowledgementWindow } from '../src/acknowledgement-window.ts'

const GiB = 2 ** 30

/** What is known after these sequence numbers of a peer that has been sent as much as it says in the second column. */
function total(...received: [sequenceNumber: number, sent: number][]): number | undefined {
  const bytes = new AcknowledgedBytes()
  for (const [sequenceNumber, sent] of received) bytes.acknowledge(sequenceNumber, sent)
  return bytes.total
}

describe('acknowledged bytes', () => {
  it('are unknown before the first Acknowledgement', () => expect(total()).toBeUndefined())

  it('follow the sequence number', () => expect(total([1_000, 5_000], [4_000, 5_000])).toBe(4_000))

  it.each<[string, [number, number][], number]>([
    [
      'wraps at 2^32',
      [
        [0xc0000000, 3 * GiB],
        [0xffffff00, 4 * GiB],
        [0x10, 4 * GiB + 0x100],
        [0x30, 4 * GiB + 0x30],
      ],
      4 * GiB + 0x30,
    ],
    [
      'wraps at 2^31',
      [
        [0x7fffff00, 2 * GiB],
        [0x10, 2 * GiB + 0x100],
        [0x7fffffff, 4 * GiB],
        [0x7, 4 * GiB + 0x100],
      ],
      4 * GiB + 7,
    ],
    [
      'begins anew beyond 0xF0000000',
      [
        [0xefffff00, 0xf0000000],
        [0x8000, 0xf0000000 + 0x9000],
        [0x9000, 0xf0000000 + 0x9000],
      ],
      0xf0000000 + 0x9000,
    ],
  ])('go on when it %s', (_what, received, expected) => expect(total(...received)).toBe(expected))

  it.each<[string, number]>([
    ['more than was sent', 6_001],
    ['all ones', 0xffffffff],
    ['a number that goes back', 10],
  ])('are not changed by %s', (_what, sequenceNumber) => {
    expect(total([5_000, 6_000], [sequenceNumber, 6_000])).toBe(5_000)
    expect(total([5_000, 6_000], [sequenceNumber, 6_000], [5_500, 6_000])).toBe(5_500)
  })
})

describe('our own acknowledgements', () => {
  it('go on past 4 GiB, with sequence numbers modulo 2^32', () => {
    const window = new AcknowledgementWindow()
    window.setPeerWindow(2_000_000)
    const sequenceNumbers: string[] = []
    for (const received of [4 * GiB - 10, 4 * GiB + 999_989, 4 * GiB + 999_990]) {
      if (!window.isDue(received)) continue
      window.acknowledge(received)
      sequenceNumbers.push(acknowledgement(received).payload.toString('hex'))
    }
    // 999,990 is 0xF4236.
    expect(sequenceNumbers).toEqual(['fffffff6', '000f4236'])
  })
})
