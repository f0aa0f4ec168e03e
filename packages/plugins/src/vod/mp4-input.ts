import type { EncodedPacketSink as PacketSink, Input } from 'mediabunny'
import { VodError } from './errors.ts'
import { checkTables } from './mp4-tables.ts'
import type { SharedFile } from './shared-file.ts'

/** More at once is no frame, and no index either: 64 MiB are those of a day and a half. */
const maxRead = 64 * 1024 * 1024
/** What the reader keeps besides the blocks that all share. */
const maxCacheSize = 1024 * 1024

/** The reader of MP4, which is loaded when it is needed. */
export async function openMp4(
  file: SharedFile,
): Promise<{ readonly EncodedPacketSink: typeof PacketSink; readonly input: Input }> {
  const { CustomSource, EncodedPacketSink, Input, MP4, QTFF } = await import('mediabunny')
  const source = new CustomSource({
    getSize: () => file.size,
    read: async (start, end) => {
      if (end - start > maxRead) throw new VodError('RTMP_ERR_VOD_FILE', `a part of it has ${end - start} bytes`)
      const bytes = await file.read(start, end - start)
      if (bytes.length < end - start) throw new VodError('RTMP_ERR_VOD_FILE', 'it was cut while it was played')
      checkTables(bytes)
      return bytes
    },
    maxCacheSize,
    // The read that waits for it fails as well.
    handleUnhandledError: () => {},
  })
  return { EncodedPacketSink, input: new Input({ source, formats: [MP4, QTFF] }) }
}
