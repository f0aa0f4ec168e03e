import type { EncodedPacket, EncodedPacketSink } from 'mediabunny'

/** How far the order of decoding is from that of showing; the reader of MP4 gives only times of showing. */
export interface Reordering {
  /** Seconds that a picture is decoded before the one in its place is shown. */
  readonly delay: number
  /** Pictures to look ahead. */
  readonly depth: number
}

/** A picture and when to decode it, seconds. */
export interface TimedPacket {
  readonly packet: EncodedPacket
  readonly decodeTime: number
}

/** Codecs allow no more. */
const maxDepth = 16
const sampled = 64

/** As the first pictures have it. */
export async function reorderingOf(sink: EncodedPacketSink): Promise<Reordering> {
  const times: number[] = []
  let packet = await sink.getFirstPacket({ metadataOnly: true })
  for (; packet !== null && times.length < sampled; packet = await sink.getNextPacket(packet, { metadataOnly: true })) {
    times.push(packet.timestamp)
  }
  // What belongs before the last ones may be missing, unless these are all.
  const certain = packet === null ? times.length : times.length - maxDepth
  const shown = times.map((_, place) => place).sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0))
  let [delay, depth] = [0, 0]
  for (let place = 0; place < certain; place += 1) {
    const decoded = shown[place] ?? place
    delay = Math.max(delay, (times[decoded] ?? 0) - (times[place] ?? 0))
    depth = Math.max(depth, decoded - place)
  }
  return { delay, depth: Math.min(depth, maxDepth) }
}

/**
 * The pictures from `first` on with the times to decode them: those of showing, in order, and earlier by the delay, so
 * that none is shown before it is decoded.
 */
export async function* inDecodeOrder(
  sink: EncodedPacketSink,
  first: EncodedPacket | null,
  { delay, depth }: Reordering,
): AsyncGenerator<TimedPacket, void> {
  const waiting: EncodedPacket[] = []
  const times: number[] = []
  let latest = -Infinity
  for (let next = first; next !== null || waiting.length > 0; ) {
    if (next !== null) {
      waiting.push(next)
      times.push(next.timestamp)
      times.sort((a, b) => a - b)
      next = await sink.getNextPacket(next, { metadataOnly: next.isMetadataOnly })
    }
    if (next !== null && waiting.length <= depth) continue
    const packet = waiting.shift()
    const time = times.shift()
    if (packet === undefined || time === undefined) return
    latest = Math.max(latest, Math.min(time - delay, packet.timestamp))
    yield { packet, decodeTime: latest }
  }
}
