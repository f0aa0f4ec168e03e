import { decodeAmf0, encodeAmf0 } from '@rtmpipe/amf'
import { MessageType, type RtmpMessage } from '@rtmpipe/chunk-stream'
import type { MicroTask } from './micro-task.ts'
import type { Recording } from './recording.ts'

/** Times per run: once is too short to be timed. */
const repeats = 100

/** A real client's connect command and metadata, to values and back. */
export function amfTasks({ messages }: Recording): MicroTask[] {
  const connect = messages.find(({ messageTypeId }) => messageTypeId === MessageType.CommandAmf0)
  const metadata = messages.find(({ messageTypeId }) => messageTypeId === MessageType.DataAmf0)
  return [...tasks('connect command', connect), ...tasks('metadata', metadata)]
}

function tasks(name: string, message: RtmpMessage | undefined): MicroTask[] {
  if (message === undefined) throw new Error(`the recording has no ${name}`)
  const { payload } = message
  const values = decodeAmf0(payload)
  const row = `${name}, ${payload.length} bytes`
  const nanoseconds = (seconds: number): number => (seconds / repeats) * 1e9
  return [
    { group: 'amf', row, run: () => repeat(() => decodeAmf0(payload)), figures: { decode: nanoseconds } },
    { group: 'amf', row, run: () => repeat(() => encodeAmf0(...values)), figures: { encode: nanoseconds } },
  ]
}

function repeat(what: () => unknown): void {
  for (let time = 0; time < repeats; time += 1) what()
}
