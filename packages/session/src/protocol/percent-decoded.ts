import { decodeText } from '@rtmpipe/amf'

/**
 * The text with `%XX` decoded, once. Like everything a peer sends, it is read as `decodeText` of `@rtmpipe/amf` says:
 * bytes that are no UTF-8 are no loss. A percent sign without two digits stays.
 */
export function percentDecoded(text: string): string {
  if (!text.includes('%')) return text
  const bytes = Buffer.from(text).toString('latin1')
  return decodeText(
    Buffer.from(
      bytes.replace(/%([0-9a-f]{2})/gi, (_, digits) => byteOf(digits)),
      'latin1',
    ),
  )
}

function byteOf(digits: string): string {
  return String.fromCharCode(Number.parseInt(digits, 16))
}
