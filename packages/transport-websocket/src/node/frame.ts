/** FIN, and that it is binary. */
const BINARY = 0x82

/** Those of the newest frame: many are sent the same bytes, one after the other. */
let framed: { readonly bytes: Uint8Array; readonly frame: Buffer } | undefined

/**
 * A frame of a server's (RFC 6455 §5.2), which is not masked, so that it is the same for all who are sent the bytes. In one
 * piece: two writes cost more than to copy some kilobytes once.
 */
export function frameOf(bytes: Uint8Array): Buffer {
  if (framed?.bytes === bytes) return framed.frame
  const { length } = bytes
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(head + length)
  frame[0] = BINARY
  if (head === 2) frame[1] = length
  else if (head === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeUInt32BE(0, 2)
    frame.writeUInt32BE(length, 6)
  }
  frame.set(bytes, head)
  framed = { bytes, frame }
  return frame
}
