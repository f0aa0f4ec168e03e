import type { FilePlace, RecordedMedia } from '@rtmpipe/session'

/** A segment of a file, from a keyframe to the next one that a segment begins with. */
export interface PlannedSegment {
  readonly place: FilePlace
  /** Milliseconds at which the next one begins; Infinity for the last. */
  readonly end: number
  /** Milliseconds. */
  readonly duration: number
}

/** Segments of a file; more of them would make a playlist that players choke on. */
const maxSegments = 50_000

/** Where a file is cut: at keyframes that are as far apart as segments should be, or farther. */
export async function planOf(media: RecordedMedia, segmentDuration: number): Promise<readonly PlannedSegment[]> {
  const { duration } = media
  const least = Math.max(segmentDuration, duration / maxSegments)
  const places: FilePlace[] = []
  let place: FilePlace | undefined = await media.find(0)
  while (place !== undefined) {
    places.push(place)
    place = await next(media, place, least)
  }
  return places.map((one, index) => {
    const end = places[index + 1]?.timestamp ?? Infinity
    return { place: one, end, duration: Math.max(1, Math.min(end, duration) - one.timestamp) }
  })
}

async function next(media: RecordedMedia, from: FilePlace, least: number): Promise<FilePlace | undefined> {
  // Of groups of pictures that are longer than that, one is a segment.
  for (let time = from.timestamp + least; time < media.duration; time += least) {
    const place = await media.find(time)
    if (place.timestamp > from.timestamp) return place
  }
  return undefined
}
