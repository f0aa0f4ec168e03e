/** Texts that are written and read. */
type Encoding = 'utf8' | 'latin1' | 'hex' | 'utf16le'

const encodings: Readonly<Record<string, Encoding>> = {
  utf8: 'utf8',
  'utf-8': 'utf8',
  latin1: 'latin1',
  binary: 'latin1',
  hex: 'hex',
  utf16le: 'utf16le',
}

const encoder = new TextEncoder()
// Like Node, they keep a mark at the beginning, and put a sign in place of what is no text.
const decoders = {
  utf8: new TextDecoder('utf-8', { ignoreBOM: true }),
  utf16le: new TextDecoder('utf-16le', { ignoreBOM: true }),
}

/** Characters that a call can be given at a time. */
const atOnce = 4_096

const scratch = new DataView(new ArrayBuffer(8))

/**
 * As much of Node's `Buffer` as a client of RTMP uses, in a tenth of the bytes that the whole takes. What is not here, a
 * test finds in the sources of the bundle.
 */
class PageBuffer extends Uint8Array<ArrayBuffer> {
  override toString(encoding: string = 'utf8', start: number = 0, end: number = this.length): string {
    const kind = encodingOf(encoding)
    const bytes = this.subarray(start, end)
    if (kind === 'utf8' || kind === 'utf16le') return decoders[kind].decode(bytes)
    if (kind === 'hex') return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('')
    let text = ''
    for (let at = 0; at < bytes.length; at += atOnce) {
      text += String.fromCharCode(...bytes.subarray(at, at + atOnce))
    }
    return text
  }

  /** @returns bytes written: whole characters, as many as there is room for */
  write(text: string, offset: number = 0, length: number = this.length - offset, encoding: string = 'utf8'): number {
    const room = this.subarray(offset, offset + length)
    if (encodingOf(encoding) === 'utf8') return encoder.encodeInto(text, room).written
    const bytes = bytesOf(text, encoding).subarray(0, room.length)
    room.set(bytes)
    return bytes.length
  }

  /** @returns bytes copied: as many as there is room for */
  copy(target: Uint8Array, at: number = 0, start: number = 0, end: number = this.length): number {
    const bytes = this.subarray(start, Math.min(end, start + Math.max(target.length - at, 0)))
    target.set(bytes, at)
    return bytes.length
  }

  equals(other: Uint8Array): boolean {
    return this.length === other.length && this.every((byte, at) => byte === other[at])
  }

  override indexOf(wanted: number | Uint8Array, from: number = 0): number {
    if (typeof wanted === 'number') return super.indexOf(wanted, from)
    for (let at = from; at + wanted.length <= this.length; at += 1) {
      if (wanted.every((byte, index) => byte === this[at + index])) return at
    }
    return -1
  }

  /** Unlike that of other arrays it is no copy. */
  override slice(start?: number, end?: number): this {
    return this.subarray(start, end) as this
  }

  readUIntBE(at: number, length: number): number {
    this.#check(at, length)
    let value = 0
    for (let index = at; index < at + length; index += 1) value = value * 256 + (this[index] as number)
    return value
  }

  readUIntLE(at: number, length: number): number {
    this.#check(at, length)
    let value = 0
    for (let index = at + length - 1; index >= at; index -= 1) value = value * 256 + (this[index] as number)
    return value
  }

  readUInt8(at: number = 0): number {
    return this.readUIntBE(at, 1)
  }

  readUInt16BE(at: number = 0): number {
    return this.readUIntBE(at, 2)
  }

  readUInt32BE(at: number = 0): number {
    return this.readUIntBE(at, 4)
  }

  readInt32BE(at: number = 0): number {
    return this.readUIntBE(at, 4) | 0
  }

  readUInt16LE(at: number = 0): number {
    return this.readUIntLE(at, 2)
  }

  readUInt32LE(at: number = 0): number {
    return this.readUIntLE(at, 4)
  }

  readDoubleBE(at: number = 0): number {
    this.#check(at, 8)
    for (let index = 0; index < 8; index += 1) scratch.setUint8(index, this[at + index] as number)
    return scratch.getFloat64(0)
  }

  writeUIntBE(value: number, at: number, length: number): number {
    this.#check(at, length, value, 0)
    let rest = value
    for (let index = at + length - 1; index >= at; index -= 1) {
      this[index] = rest
      rest = Math.floor(rest / 256)
    }
    return at + length
  }

  writeUIntLE(value: number, at: number, length: number): number {
    this.#check(at, length, value, 0)
    let rest = value
    for (let index = at; index < at + length; index += 1) {
      this[index] = rest
      rest = Math.floor(rest / 256)
    }
    return at + length
  }

  writeUInt8(value: number, at: number = 0): number {
    return this.writeUIntBE(value, at, 1)
  }

  writeUInt16BE(value: number, at: number = 0): number {
    return this.writeUIntBE(value, at, 2)
  }

  writeUInt32BE(value: number, at: number = 0): number {
    return this.writeUIntBE(value, at, 4)
  }

  writeInt32BE(value: number, at: number = 0): number {
    this.#check(at, 4, value, -(2 ** 31))
    return this.writeUIntBE(value >>> 0, at, 4)
  }

  writeUInt16LE(value: number, at: number = 0): number {
    return this.writeUIntLE(value, at, 2)
  }

  writeUInt32LE(value: number, at: number = 0): number {
    return this.writeUIntLE(value, at, 4)
  }

  writeDoubleBE(value: number, at: number = 0): number {
    this.#check(at, 8)
    scratch.setFloat64(0, value)
    for (let index = 0; index < 8; index += 1) this[at + index] = scratch.getUint8(index)
    return at + 8
  }

  #check(at: number, length: number, value: number = 0, least: number = 0): void {
    if (at < 0 || at + length > this.length) throw new RangeError(`${length} bytes at ${at}: there are ${this.length}`)
    if (value < least || value >= least + 256 ** length) throw new RangeError(`${value} is not of ${length} bytes`)
  }
}

function encodingOf(name: string): Encoding {
  const encoding = encodings[name.toLowerCase()]
  if (encoding === undefined) throw new TypeError(`Unknown encoding: ${name}`)
  return encoding
}

function bytesOf(text: string, name: string): Uint8Array<ArrayBuffer> {
  switch (encodingOf(name)) {
    case 'utf8':
      return encoder.encode(text)
    case 'latin1':
      return Uint8Array.from(text.split(''), unit => unit.charCodeAt(0))
    case 'hex':
      return Uint8Array.from(text.match(/../g) ?? [], digits => Number.parseInt(digits, 16))
    case 'utf16le':
      return new Uint8Array(Uint16Array.from(text.split(''), unit => unit.charCodeAt(0)).buffer)
  }
}

function alloc(length: number): PageBuffer {
  return new PageBuffer(new ArrayBuffer(length))
}

const statics = {
  alloc,
  allocUnsafe: alloc,
  allocUnsafeSlow: alloc,
  byteLength: (text: string): number => encoder.encode(text).length,
  isBuffer: (value: unknown): boolean => value instanceof PageBuffer,
  isEncoding: (name: string): boolean => encodings[String(name).toLowerCase()] !== undefined,
  /** Memory that is given is shared; anything else is copied. */
  from(source: string | ArrayBuffer | ArrayLike<number>, encoding?: string | number, length?: number): PageBuffer {
    if (source instanceof ArrayBuffer) return new PageBuffer(source, encoding as number, length)
    if (typeof source !== 'string') return new PageBuffer(Uint8Array.from(source).buffer)
    const bytes = bytesOf(source, (encoding as string | undefined) ?? 'utf8')
    return new PageBuffer(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  },
  concat(parts: readonly Uint8Array[], length?: number): PageBuffer {
    const whole = alloc(length ?? parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of parts) {
      const fitting = part.subarray(0, whole.length - at)
      whole.set(fitting, at)
      at += fitting.length
    }
    return whole
  },
}

/** See {@link PageBuffer}; typed as the one that it stands in for. */
export const Buffer: typeof globalThis.Buffer = Object.assign(
  PageBuffer,
  statics,
) as unknown as typeof globalThis.Buffer
