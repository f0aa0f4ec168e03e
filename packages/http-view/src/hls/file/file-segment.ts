import { type OutputSample, type StreamSample, streamSamples } from '@rtmpipe/plugins/mp4'
import type { RecordedMedia } from '@rtmpipe/session'
import type { PlannedSegment } from './file-plan.ts'

/** What a segment has of a track. */
export interface FileTrack {
  readonly key: string
  readonly trackId: number
  readonly kind: 'video' | 'audio'
  /** The sequence header that is in force; undefined if there is none. */
  header: StreamSample | undefined
  /** The first frame. */
  readonly first: StreamSample
  readonly samples: OutputSample[]
}

/** Milliseconds of a frame that nothing tells of. */
const usualDuration = 40

/** Reads a segment, of all tracks. @param maxBytes then it ends early */
export async function readSegment(
  media: RecordedMedia,
  { place, end }: PlannedSegment,
  maxBytes: number,
): Promise<readonly FileTrack[]> {
  const headers = new Map<string, StreamSample>()
  const tracks = new Map<string, FileTrack>()
  let bytes = 0
  reading: for await (const message of media.read(place)) {
    for (const sample of streamSamples(message)) {
      if (sample.role === 'config') headers.set(sample.track, sample)
      else {
        if (isNext(sample, message.timestamp, end, tracks)) break reading
        add(tracks, headers, sample, message.timestamp)
        bytes += sample.data.length
      }
    }
    if (bytes > maxBytes) break
  }
  const all = [...tracks.values()].sort((one, other) => one.trackId - other.trackId)
  for (const { samples } of all) settle(samples, end)
  return all
}

/** Whether the segment after it begins here: with a keyframe, or any frame where there are no pictures. */
function isNext(
  { kind, isKey }: StreamSample,
  time: number,
  end: number,
  tracks: ReadonlyMap<string, FileTrack>,
): boolean {
  if (time < end || !isKey) return false
  return kind === 'video' || ![...tracks.values()].some(track => track.kind === 'video')
}

function add(
  tracks: Map<string, FileTrack>,
  headers: ReadonlyMap<string, StreamSample>,
  sample: StreamSample,
  decodeTime: number,
): void {
  const { track: key, trackId, kind, isKey, compositionTime, data } = sample
  const header = headers.get(key)
  const track = tracks.get(key) ?? { key, trackId, kind, header, first: sample, samples: [] }
  tracks.set(key, track)
  track.samples.push({ decodeTime, duration: 0, compositionOffset: compositionTime, isSync: isKey, data })
}

/** How long each is, which the next one tells. */
function settle(samples: OutputSample[], end: number): void {
  for (const [place, sample] of samples.entries()) {
    const next = samples[place + 1]
    const before = samples[place - 1]
    const step = before === undefined ? usualDuration : sample.decodeTime - before.decodeTime
    const rest = end - sample.decodeTime
    const last = rest > 0 && rest <= 2 * step ? rest : step
    samples[place] = {
      ...sample,
      duration: Math.max(0, next === undefined ? last : next.decodeTime - sample.decodeTime),
    }
  }
}
