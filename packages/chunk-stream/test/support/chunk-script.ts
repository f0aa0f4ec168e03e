import type { RtmpMessage } from '@rtmpipe/chunk-stream'
import fc from 'fast-check'

/**
 * Writes chunk streams by the book and by a dice: every header form, inside messages too, interleaved at will, extended
 * timestamps repeated or not. Written for the tests alone and sharing nothing with the muxer, so that both can't be wrong together.
 */
export interface ScriptStep {
  readonly chunkStreamId: number
  readonly format: number
  readonly timestampField: number
  readonly length: number
  readonly type: number
  readonly messageStreamId: number
  /** What the timestamp field says if this chunk is inside a message and its format is below 3. */
  readonly timeInside: 'none' | 'again' | 'timestamp'
  /** Set Chunk Size or Abort before this chunk. */
  readonly control: { readonly type: 1 | 2; readonly value: number } | undefined
}

export interface Script {
  readonly steps: readonly ScriptStep[]
  /** Continuation chunks repeat the extended timestamp. */
  readonly repeatsExtended: boolean
}

// The payload pattern begins like one of the extended timestamps but never equals one; no chunk stream 4, whose header
// could complete it.
const pattern = Buffer.from([1, 2, 3, 5])
const chunkStreamIds = [3, 5, 6, 63, 64, 319, 320, 65599]
const timestampFields = [0, 20, 1000, 0xfffffe, 0xffffff, 0x01000000, 0x01020304, 0xfffffff0]

export const script: fc.Arbitrary<Script> = fc.record({
  steps: fc.array(
    fc.record({
      chunkStreamId: fc.constantFrom(...chunkStreamIds),
      format: fc.integer({ min: 0, max: 3 }),
      timestampField: fc.constantFrom(...timestampFields),
      length: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 400 })),
      type: fc.constantFrom(8, 9, 18, 20, 99),
      messageStreamId: fc.constantFrom(0, 1, 0x01020304),
      timeInside: fc.constantFrom('none' as const, 'again' as const, 'timestamp' as const),
      control: fc.option(
        fc.oneof(
          fc.record({ type: fc.constant(1 as const), value: fc.integer({ min: 1, max: 300 }) }),
          fc.record({ type: fc.constant(2 as const), value: fc.constantFrom(...chunkStreamIds, 2, 77) }),
        ),
        { nil: undefined, freq: 6 },
      ),
    }),
    { maxLength: 40 },
  ),
  repeatsExtended: fc.boolean(),
})

interface Sent {
  timestamp: number
  field: number
  length: number
  type: number
  messageStreamId: number
  /** Payload bytes not sent yet. */
  left: number
}

/** The bytes of a script, all messages completed at the end, and the messages a reader must find in them. */
export function writeScript({ steps, repeatsExtended }: Script): { bytes: Buffer; messages: RtmpMessage[] } {
  const out: Buffer[] = []
  const messages: RtmpMessage[] = []
  const sent = new Map<number, Sent>()
  let chunkSize = 128

  function payloadOf(length: number): Buffer {
    return Buffer.alloc(length, pattern)
  }

  function writeControl(type: 1 | 2, value: number): void {
    const payload = uint(value, 4)
    // Split by its own size if that is below 4.
    out.push(basicHeader(2, 0), uint(0, 3), uint(4, 3), uint(type, 1), uint(0, 4), payload.subarray(0, chunkSize))
    for (let at = chunkSize; at < 4; at += chunkSize) out.push(basicHeader(2, 3), payload.subarray(at, at + chunkSize))
    messages.push({ messageTypeId: type, messageStreamId: 0, timestamp: 0, payload })
    const aborted = sent.get(value)
    if (type === 1) chunkSize = value
    else if (aborted) aborted.left = 0
  }

  function writePayload(it: Sent): void {
    const from = it.length - it.left
    const chunk = payloadOf(it.length).subarray(from, from + chunkSize)
    out.push(chunk)
    it.left -= chunk.length
    if (it.left > 0) return
    const { type: messageTypeId, messageStreamId, timestamp } = it
    messages.push({ messageTypeId, messageStreamId, timestamp, payload: payloadOf(it.length) })
  }

  function writeContinuation(chunkStreamId: number, it: Sent, step?: ScriptStep): void {
    const { format, timeInside } = step ?? { format: 3, timeInside: 'none' }
    if (format < 3)
      writeHeader(chunkStreamId, format, it, { none: 0, again: it.field, timestamp: it.timestamp }[timeInside])
    else {
      out.push(basicHeader(chunkStreamId, 3))
      if (it.field >= 0xffffff && repeatsExtended) out.push(uint(it.field, 4))
    }
    writePayload(it)
  }

  function writeHeader(chunkStreamId: number, format: number, it: Sent, field: number): void {
    out.push(basicHeader(chunkStreamId, format))
    if (format < 3) out.push(uint(Math.min(field, 0xffffff), 3))
    if (format < 2) out.push(uint(it.length, 3), uint(it.type, 1))
    if (format === 0) out.push(uint(it.messageStreamId, 4).reverse())
    if (field >= 0xffffff) out.push(uint(field, 4))
  }

  function writeStart(step: ScriptStep, last: Sent | undefined): void {
    const format = last === undefined ? 0 : step.format
    const it: Sent = { ...(last ?? { timestamp: 0, field: 0, length: 0, type: 0, messageStreamId: 0 }), left: 0 }
    if (format < 3) it.field = step.timestampField
    if (format < 2) [it.length, it.type] = [step.length, step.type]
    if (format === 0) it.messageStreamId = step.messageStreamId
    it.timestamp = format === 0 ? it.field : (it.timestamp + it.field) % 2 ** 32
    it.left = it.length
    sent.set(step.chunkStreamId, it)

    writeHeader(step.chunkStreamId, format, it, it.field)
    writePayload(it)
  }

  for (const step of steps) {
    if (step.control) writeControl(step.control.type, step.control.value)
    const last = sent.get(step.chunkStreamId)
    if (last && last.left > 0) writeContinuation(step.chunkStreamId, last, step)
    else writeStart(step, last)
  }
  for (const [chunkStreamId, it] of sent) while (it.left > 0) writeContinuation(chunkStreamId, it)
  // Where extended timestamps are absent, the last bytes of all may look like the start of one: something must follow.
  writeStart(
    {
      chunkStreamId: 7,
      format: 0,
      timestampField: 0,
      length: 1,
      type: 8,
      messageStreamId: 0,
      timeInside: 'none',
      control: undefined,
    },
    undefined,
  )
  return { bytes: Buffer.concat(out), messages }
}

function basicHeader(chunkStreamId: number, format: number): Buffer {
  const high = format * 64
  if (chunkStreamId < 64) return Buffer.of(high + chunkStreamId)
  if (chunkStreamId < 320) return Buffer.of(high, chunkStreamId - 64)
  return Buffer.of(high + 1, (chunkStreamId - 64) % 256, Math.floor((chunkStreamId - 64) / 256))
}

function uint(value: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  bytes.writeUIntBE(value, 0, length)
  return bytes
}
