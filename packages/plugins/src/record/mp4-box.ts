/** A box of an MP4 file (ISO/IEC 14496-12 §4.2) inside another one that is whole. */
export interface Mp4Box {
  readonly type: string
  /** With its head of 8 bytes. */
  readonly bytes: Buffer
}

/** Bytes of a box before what is in it: its size and type. Boxes of 4 GiB and more have a longer one. */
export const boxHead = 8
/** Version and flags, which many boxes have next. */
export const fullBoxHead = 12

/** The boxes in a box. */
export function boxesIn(box: Buffer): Mp4Box[] {
  const found: Mp4Box[] = []
  for (let position = boxHead; position + boxHead <= box.length; ) {
    const size = box.readUInt32BE(position)
    const bytes = box.subarray(position, position + Math.max(size, boxHead))
    found.push({ type: typeOf(bytes), bytes })
    position += bytes.length
  }
  return found
}

/** The first box at the end of a path like `mdia/mdhd`. */
export function boxAt(box: Buffer, path: string): Buffer | undefined {
  let inner: Buffer | undefined = box
  for (const type of path.split('/')) inner = inner && boxesIn(inner).find(child => child.type === type)?.bytes
  return inner
}

export function typeOf(box: Buffer): string {
  return box.toString('latin1', 4, 8)
}

/** A box that has others in it and nothing else. */
export function boxOf(type: string, children: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(boxHead)
  const box = Buffer.concat([head, ...children])
  box.writeUInt32BE(box.length, 0)
  box.write(type, 4, 'latin1')
  return box
}
