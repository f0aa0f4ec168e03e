/** An elementary stream of a program. */
export interface TsStream {
  readonly pid: number
  /** ISO/IEC 13818-1 table 2-34. */
  readonly type: number
}

/** PID of the program's table. */
export const programPid = 0x1000

/** Which program there is (§2.4.4.3). */
export function programAssociation(): Buffer {
  const body = Buffer.of(0, 1, 0xc1, 0, 0, 0, 1, 0xe0 | (programPid >> 8), programPid & 0xff)
  return section(0, body)
}

/** What it consists of (§2.4.4.8). */
export function programMap(streams: readonly TsStream[], clockPid: number): Buffer {
  const rows = streams.map(({ pid, type }) => Buffer.of(type, 0xe0 | (pid >> 8), pid & 0xff, 0xf0, 0))
  const head = Buffer.of(0, 1, 0xc1, 0, 0, 0xe0 | (clockPid >> 8), clockPid & 0xff, 0xf0, 0)
  return section(2, Buffer.concat([head, ...rows]))
}

function section(id: number, body: Buffer): Buffer {
  const length = body.length + 4
  const table = Buffer.concat([Buffer.of(id, 0xb0 | (length >> 8), length & 0xff), body])
  const check = Buffer.alloc(4)
  check.writeUInt32BE(checksum(table))
  return Buffer.concat([table, check])
}

/** Annex A. */
function checksum(bytes: Buffer): number {
  let value = 0xffff_ffff
  for (const byte of bytes) {
    value ^= byte << 24
    for (let bit = 0; bit < 8; bit += 1) value = (value << 1) ^ (value < 0 ? 0x04c1_1db7 : 0)
  }
  return value >>> 0
}
