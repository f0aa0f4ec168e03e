/** One packet of a capture file. */
export interface CapturedPacket {
  /** What it begins with: a LINKTYPE_ number. */
  readonly linkType: number
  /** Seconds since 1970; undefined where the file does not say. */
  readonly time: number | undefined
  readonly data: Buffer
  /** Where it stands in the file. */
  readonly position: number
}

/** Reads a capture file in pieces. */
export interface CaptureReader {
  /** @throws CaptureError when the rest can not be read */
  push(bytes: Buffer, emit: (packet: CapturedPacket) => void): void
  /** Whether the bytes so far end inside a packet. */
  readonly inside: boolean
  /** Bytes read to the end of the last packet. */
  readonly position: number
}

/** A capture file that is damaged. Ours alone: a dump tells of it and ends there. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError'
}
