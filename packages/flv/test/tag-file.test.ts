import { type FlvMuxStageOptions, FlvMuxStage, type MediaMessage } from '@rtmpipe/flv'
import { expect, test } from 'vitest'
import { cut, demux } from './support/demux.ts'
import { audioTagCases, videoTagCases } from './support/tag-cases.ts'

const messages: readonly MediaMessage[] = [
  ...videoTagCases.map(({ payload }, index) => message(9, index, payload)),
  ...audioTagCases.map(({ payload }, index) => message(8, videoTagCases.length + index, payload)),
]

function message(messageTypeId: number, timestamp: number, payload: Buffer): MediaMessage {
  return { messageTypeId, messageStreamId: 0, timestamp, payload }
}

async function mux(options?: FlvMuxStageOptions): Promise<Buffer> {
  const stage = new FlvMuxStage(options)
  for (const each of messages) stage.write(each)
  stage.end()
  return Buffer.concat(await stage.toArray())
}

/** Compares without a walk over every byte. */
function digest({ messageTypeId, payload }: MediaMessage): string {
  return `${messageTypeId} ${payload.toString('latin1')}`
}

// Every codec, packet type, ModEx packet and command there is, and what is of none of them.
test('a file of every kind of message has their types and payloads, however it is split', async () => {
  const file = await mux()
  for (const pieces of [[file], cut(file, [1, 7, 500])]) {
    expect(demux(...pieces).map(digest)).toEqual(messages.map(digest))
  }
})

test('so has one to which they are appended', async () => {
  const found = demux(Buffer.concat([await mux(), await mux({ header: false, startTime: 60_000 })]))
  expect(found.map(digest)).toEqual([...messages, ...messages].map(digest))
  const times = found.map(each => each.timestamp)
  expect(times).toEqual([...times].sort((a, b) => a - b))
  expect(times[messages.length]).toBe(60_000)
})
