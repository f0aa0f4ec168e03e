import type { Segment } from '../media/segment.ts'

/** What a folder of segments is of. */
export interface StreamLine {
  readonly app: string
  readonly name: string
  /** Milliseconds since 1970. */
  readonly began: number
  /** Of the process that writes it, or did. */
  readonly pid?: number
}

/** A segment in a file. */
export interface SegmentLine {
  /** The rendition that it is a segment of. */
  readonly of: string
  readonly file: string
  /** The file that it begins with. */
  readonly init?: string
  readonly number: number
  readonly date: number
  readonly duration: number
  readonly isDiscontinuous: boolean
  readonly isIndependent: boolean
}

/** What a journal says, as far as it was written. */
export interface Journal {
  readonly stream: StreamLine
  /** The playlist that lists the others; undefined while there was none. */
  readonly index: string | undefined
  readonly segments: readonly SegmentLine[]
}

const fileName = /^[\w-]{1,64}\.(?:m4s|mp4|ts)$/

/** The line of a segment. */
export function segmentLine(of: string, segment: Segment): SegmentLine {
  const { name: file, init, number, date, duration, isDiscontinuous, isIndependent } = segment
  return { of, file, ...(init && { init: init.name }), number, date, duration, isDiscontinuous, isIndependent }
}

/** Lines of JSON, each of which may be the last, and broken off. Undefined for what is no journal. */
export function parseJournal(text: string): Journal | undefined {
  let stream: StreamLine | undefined
  let index: string | undefined
  const segments: SegmentLine[] = []
  for (const line of text.split('\n')) {
    const value = parsed(line)
    if (isStream(value)) stream ??= value
    else if (typeof value['index'] === 'string') index = value['index']
    else if (isSegment(value)) segments.push(value)
  }
  return stream && { stream, index, segments }
}

function parsed(line: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function isStream(value: object): value is StreamLine {
  const { app, name, began } = value as Partial<StreamLine>
  return typeof app === 'string' && typeof name === 'string' && Number.isFinite(began)
}

function isSegment(value: object): value is SegmentLine {
  const { of, file, init, number, date, duration } = value as Partial<SegmentLine>
  const isFile = typeof file === 'string' && fileName.test(file) && (init === undefined || fileName.test(String(init)))
  return isFile && typeof of === 'string' && [number, date, duration].every(Number.isFinite)
}
