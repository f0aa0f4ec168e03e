import type { Part } from '../media/part.ts'
import type { Init } from '../media/segment.ts'
import { seconds } from './seconds.ts'

/** A segment as a playlist lists it. */
export interface ListedSegment {
  readonly number: number
  readonly name: string
  readonly init: Init | undefined
  /** Milliseconds since 1970 at its beginning; undefined if nobody knows. */
  readonly date: number | undefined
  readonly isDiscontinuous: boolean
  readonly isIndependent: boolean
  readonly isComplete: boolean
  /** Milliseconds. */
  readonly duration: number
  readonly parts: readonly Part[]
}

/** The segments that a playlist lists. */
export interface ListedWindow {
  readonly segments: readonly ListedSegment[]
  /** How many discontinuities were before those. */
  readonly discontinuitySequence: number
  /** How the part will be called that comes next. */
  readonly nextPartName: string
}

/** A media playlist that another one tells of. */
export interface Report {
  readonly uri: string
  readonly window: ListedWindow
}

/** What a media playlist is made of. */
export interface MediaPlaylist {
  readonly window: ListedWindow
  /** Seconds. */
  readonly targetDuration: number
  /** Milliseconds; 0 for no parts. */
  readonly partTarget: number
  readonly isEnded: boolean
  /** Whether nothing of it changes any more, nor is removed. */
  readonly isWhole?: boolean
  readonly others: readonly Report[]
}

/** Target durations from the end that a delta update has to have (RFC 8216bis §4.4.3.8: at least six). */
const skipFrom = 6
/** Target durations from the end whose parts are listed (§6.2.2), and segments at most. */
const partsFrom = 3

/** A media playlist as text. @param isDelta leaves out what is old, if enough is */
export function mediaPlaylist(playlist: MediaPlaylist, isDelta = false): string {
  const { window, targetDuration, partTarget, isEnded } = playlist
  const { segments } = window
  const skipped = isDelta && !isEnded ? skippable(segments, targetDuration) : 0
  const recent = Math.max(within(segments, partsFrom * targetDuration * 1000), segments.length - partsFrom)
  const withParts = partTarget > 0 ? recent : segments.length
  const lines = [
    '#EXTM3U',
    `#EXT-X-VERSION:${partTarget > 0 ? 9 : 7}`,
    `#EXT-X-TARGETDURATION:${targetDuration}`,
    ...(playlist.isWhole === true ? ['#EXT-X-PLAYLIST-TYPE:VOD'] : []),
    ...control(playlist),
    `#EXT-X-MEDIA-SEQUENCE:${segments[0]?.number ?? 0}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${window.discontinuitySequence}`,
    ...(segments.every(({ isIndependent }) => isIndependent) ? ['#EXT-X-INDEPENDENT-SEGMENTS'] : []),
    ...(skipped > 0 ? [`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`] : []),
  ]
  let init: Init | undefined = skipped > 0 ? segments[skipped - 1]?.init : undefined
  for (const [place, segment] of segments.entries()) {
    if (place < skipped) continue
    const isListed = segment.isComplete || partTarget > 0
    if (isListed) lines.push(...segmentLines(segment, init, place >= withParts))
    init = segment.init
  }
  if (isEnded) lines.push('#EXT-X-ENDLIST')
  else if (partTarget > 0) lines.push(...ahead(playlist))
  return `${lines.join('\n')}\n`
}

function control({ targetDuration, partTarget, isEnded }: MediaPlaylist): string[] {
  if (partTarget === 0) return []
  const skip = `CAN-SKIP-UNTIL=${seconds(skipFrom * targetDuration * 1000)}`
  const hold = `PART-HOLD-BACK=${seconds(3 * partTarget)},HOLD-BACK=${seconds(3 * targetDuration * 1000)}`
  const info = `#EXT-X-PART-INF:PART-TARGET=${seconds(partTarget)}`
  return isEnded ? [info] : [`#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,${skip},${hold}`, info]
}

function segmentLines(segment: ListedSegment, before: Init | undefined, hasParts: boolean): string[] {
  const { init, isDiscontinuous, date, parts, duration, name } = segment
  return [
    ...(isDiscontinuous ? ['#EXT-X-DISCONTINUITY'] : []),
    ...(init !== undefined && init !== before ? [`#EXT-X-MAP:URI="${init.name}"`] : []),
    ...(date === undefined ? [] : [`#EXT-X-PROGRAM-DATE-TIME:${new Date(date).toISOString()}`]),
    ...(hasParts ? parts.map(partLine) : []),
    ...(segment.isComplete ? [`#EXTINF:${seconds(duration)},`, name] : []),
  ]
}

function partLine({ duration, name, isIndependent }: Part): string {
  return `#EXT-X-PART:DURATION=${seconds(duration)},URI="${name}"${isIndependent ? ',INDEPENDENT=YES' : ''}`
}

/** What comes next, and how far the others are. */
function ahead({ window, others }: MediaPlaylist): string[] {
  return [
    `#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${window.nextPartName}"`,
    ...others.flatMap(other => {
      const last = other.window.segments.at(-1)
      if (last === undefined) return []
      return [`#EXT-X-RENDITION-REPORT:URI="${other.uri}",LAST-MSN=${last.number},LAST-PART=${last.parts.length - 1}`]
    }),
  ]
}

/** How many segments are older than a delta update has to go back: one that begins before that is listed. */
function skippable(segments: readonly ListedSegment[], targetDuration: number): number {
  return Math.max(0, within(segments, skipFrom * targetDuration * 1000) - 1)
}

/** The first segment of those that begin within this time of the end. */
function within(segments: readonly ListedSegment[], milliseconds: number): number {
  let place = segments.length
  for (let left = milliseconds; place > 0; place -= 1) {
    left -= segments[place - 1]?.duration ?? 0
    if (left < 0) break
  }
  return place
}
