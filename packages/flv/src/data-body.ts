// AMF0 strings: marker 2, length, characters.
const setDataFrame = Buffer.from('\x02\x00\x0d@setDataFrame', 'latin1')

/**
 * The body of a data message as a file or a player wants it: without the format byte of AMF3 data messages (RTMP 1.0
 * §7.1.2) and without the `@setDataFrame` that publishers put first to ask the server to keep what follows.
 */
export function dataBody(payload: Buffer): Buffer {
  // No name begins with the marker 0, a number, so this is the format byte.
  const values = payload[0] === 0 ? payload.subarray(1) : payload
  const prefix = values.subarray(0, setDataFrame.length)
  return prefix.equals(setDataFrame) ? values.subarray(setDataFrame.length) : values
}
