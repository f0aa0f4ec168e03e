/**
 * The classes of `readable-stream` that a client is made of. Its index would bring operators, promises and web streams
 * along.
 */
import Duplex from 'readable-stream/lib/internal/streams/duplex.js'
import finished from 'readable-stream/lib/internal/streams/end-of-stream.js'
import { Stream } from 'readable-stream/lib/internal/streams/legacy.js'
import Readable from 'readable-stream/lib/internal/streams/readable.js'
import Transform from 'readable-stream/lib/internal/streams/transform.js'
import Writable from 'readable-stream/lib/internal/streams/writable.js'

// What its index gives to the classes.
Object.assign(Stream, {
  _isUint8Array: (value: unknown) => value instanceof Uint8Array,
  _uint8ArrayToBuffer: ({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>) =>
    Buffer.from(buffer, byteOffset, byteLength),
})

export { Duplex, finished, Readable, Transform, Writable }
