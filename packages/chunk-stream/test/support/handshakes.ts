import { readFileSync } from 'node:fs'

const folder = new URL('../fixtures/handshake/', import.meta.url)

function recorded(file: string): Buffer {
  return readFileSync(new URL(file, folder))
}

/** Both directions of a recorded connection, taken apart; `fixtures/handshake/README.md` tells how it was made. */
export class RecordedHandshake {
  readonly c0c1: Buffer
  readonly c1: Buffer
  readonly c2: Buffer
  readonly s0s1s2: Buffer
  readonly s1: Buffer
  readonly s2: Buffer
  /** What the client and the server sent after it. */
  readonly afterC2: Buffer
  readonly afterS2: Buffer

  constructor(name: string) {
    const [client, server] = [recorded(`${name}.client.bin`), recorded(`${name}.server.bin`)]
    this.c0c1 = client.subarray(0, 1537)
    this.c1 = client.subarray(1, 1537)
    this.c2 = client.subarray(1537, 3073)
    this.afterC2 = client.subarray(3073)
    this.s0s1s2 = server.subarray(0, 3073)
    this.s1 = server.subarray(1, 1537)
    this.s2 = server.subarray(1537, 3073)
    this.afterS2 = server.subarray(3073)
  }
}

export const ffmpegC0c1: Buffer = recorded('ffmpeg-5.1-play.c0c1.bin')
export const rtmpe: RecordedHandshake = new RecordedHandshake('rtmpdump-rtmpsrv-rtmpe')
export const rtmpeSecret: Buffer = recorded('rtmpdump-rtmpsrv-rtmpe.secret.bin')
export const swf: RecordedHandshake = new RecordedHandshake('rtmpdump-rtmpsrv-swf')

/** A packet to compute digests of by hand: time 0, version 9.0.124.2, then every byte its own offset. */
export function countingC1(): Buffer {
  const packet = Buffer.from(Array.from({ length: 1536 }, (_, i) => i & 255))
  Buffer.from('0000000009007c02', 'hex').copy(packet)
  return packet
}
