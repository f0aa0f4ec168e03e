const replacement = '\ufffd'

/** Characters of the bytes 0x80 to 0x9f in windows-1252, which has none for five of them. */
const windows1252 = '€\0‚ƒ„…†‡ˆ‰Š‹Œ\0Ž\0\0‘’“”•–—˜™š›œ\0žŸ'
const noBreakSpace = 0xa0
const softHyphen = 0xad
const backslash = 0x5c
/** Turns what must not be in a name into a letter: `Ɓ`, `ƍ`, `Ə`, `Ɛ`, `Ɲ`, `Ơ`, `ƭ` and `Ŝ`. */
const letterOffset = 0x100

/** Code units of all bytes. */
const units = Uint16Array.from({ length: 0x100 }, (_, byte) => {
  const unit = byte >= 0x80 && byte < 0xa0 ? windows1252.charCodeAt(byte - 0x80) : byte
  const isMissing = byte >= 0x80 && unit === 0
  return isMissing || byte === noBreakSpace || byte === softHyphen ? byte + letterOffset : unit
})

/**
 * The text of bytes that should be UTF-8, without loss. Bytes that as a whole are not valid UTF-8 come from peers that
 * write in another encoding, such as windows-1251, GBK or Shift-JIS, and do not say in which: they become one character
 * each, as in windows-1252, so that different bytes stay different names. What would be a control character, a
 * no-break space or a soft hyphen there, and a backslash that is the second byte of a character, becomes a letter whose
 * code is greater by 0x100. All else below 0x80 is ASCII, in either case.
 *
 * Strings of AMF0 and AMF3 are read like this. They are written as UTF-8.
 *
 * @param start where it begins, default 0
 * @param end where it ends, default the end of the bytes
 */
export function decodeText(bytes: Buffer, start = 0, end: number = bytes.length): string {
  const text = bytes.toString('utf8', start, end)
  if (!text.includes(replacement)) return text
  const received = bytes.subarray(start, end)
  // The replacement character itself may have been sent.
  return received.equals(Buffer.from(text)) ? text : byteByByte(received)
}

function byteByByte(bytes: Buffer): string {
  const utf16 = Buffer.allocUnsafe(2 * bytes.length)
  let before = 0
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] as number
    const isSecondByte = byte === backslash && before >= 0x80
    utf16.writeUInt16LE((units[byte] as number) + (isSecondByte ? letterOffset : 0), 2 * index)
    before = byte
  }
  return utf16.toString('utf16le')
}
