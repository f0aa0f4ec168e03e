import { readFileSync } from 'node:fs'

/** What a recording has of one session; `test/fixtures/rtmfp/README.md` tells how it was found. */
export interface RecordedSession {
  readonly packets: number
  /** Chunks of the packets with session keys, by type. */
  readonly chunks: Readonly<Record<string, number>>
  readonly messages: readonly RecordedFlowMessage[]
}

export interface RecordedFlowMessage {
  readonly from: 'client' | 'server'
  readonly flowId: number
  readonly messageStreamId: number
  readonly messageTypeId: number
  readonly timestamp: number
  readonly length: number
}

export type RtmfpRecording = 'flash-player' | 'rtmfp-cpp-bad-line' | 'librtmfp-publish'

const folder = new URL('../fixtures/rtmfp/', import.meta.url)

/** Where the capture of a recorded session is. */
export function rtmfpCapture(name: RtmfpRecording): URL {
  return new URL(`${name}.pcap`, folder)
}

/** Where its keys are. */
export function rtmfpKeys(name: RtmfpRecording): URL {
  return new URL(`${name}.keys`, folder)
}

/** What it holds, by session. */
export function recordedSessions(name: RtmfpRecording): readonly RecordedSession[] {
  const lines = readFileSync(new URL(`${name}.txt`, folder), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => line.split(' '))
  return lines
    .filter(([first]) => first === 'session')
    .map(([, number = '', , packets, ...chunks]) => ({
      packets: Number(packets),
      chunks: Object.fromEntries(
        chunks.map(chunk => chunk.split(':')).map(([type = '', count]) => [type, Number(count)]),
      ),
      messages: lines
        .filter(([first]) => first === number)
        .map(([, from, flow, stream, type, timestamp, length]) => ({
          from: from === 'client' ? 'client' : 'server',
          flowId: Number(flow),
          messageStreamId: Number(stream),
          messageTypeId: Number(type),
          timestamp: Number(timestamp),
          length: Number(length),
        })),
    }))
}
