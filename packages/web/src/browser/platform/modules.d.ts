declare module 'readable-stream/lib/internal/streams/duplex.js' {
  export { Duplex as default } from 'readable-stream'
}
declare module 'readable-stream/lib/internal/streams/end-of-stream.js' {
  export { finished as default } from 'readable-stream'
}
declare module 'readable-stream/lib/internal/streams/legacy.js' {
  export { Stream } from 'readable-stream'
}
declare module 'readable-stream/lib/internal/streams/readable.js' {
  export { Readable as default } from 'readable-stream'
}
declare module 'readable-stream/lib/internal/streams/transform.js' {
  export { Transform as default } from 'readable-stream'
}
declare module 'readable-stream/lib/internal/streams/writable.js' {
  export { Writable as default } from 'readable-stream'
}
declare module 'readable-stream/lib/internal/streams/legacy.js' {
  export { Stream } from 'readable-stream'
}
