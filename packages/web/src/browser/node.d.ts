/// <reference lib="esnext.disposable" />
/**
 * As much of Node's types as those of `@rtmpipe/web` name, for programs that have none: streams and emitters as pages
 * use them.
 */

/** Bytes; the methods that Node's have beyond are not for pages. */
export interface Buffer extends Uint8Array<ArrayBuffer> {}

export type BufferEncoding = string

export declare namespace NodeJS {
  type AsyncIterator<T> = AsyncIterableIterator<T, undefined>
}

type ListenerOf<Events, Name> = Name extends keyof Events
  ? Events[Name] extends readonly unknown[]
    ? (...args: Events[Name]) => void
    : never
  : // oxlint-disable-next-line typescript/no-explicit-any -- whoever listens says what comes
    (...args: any[]) => void

/** Calls listeners by the name of an event. */
export declare class EventEmitter<Events extends object = Record<never, never>> {
  /** Calls `listener` at each of those events. */
  on<Name extends (keyof Events & string) | (string & {})>(name: Name, listener: ListenerOf<Events, Name>): this
  /** Calls `listener` at the next of those events. */
  once<Name extends (keyof Events & string) | (string & {})>(name: Name, listener: ListenerOf<Events, Name>): this
  /** Calls it no more. */
  off<Name extends (keyof Events & string) | (string & {})>(name: Name, listener: ListenerOf<Events, Name>): this
  /** Calls the listeners. @returns whether there are any */
  emit(name: string, ...args: readonly unknown[]): boolean
}

interface StreamOptions {
  readonly objectMode?: boolean
  readonly highWaterMark?: number
}

/** Ends of all streams, and their errors. */
interface StreamEvents {
  close: []
  error: [error: Error]
  end: []
  finish: []
  drain: []
  // oxlint-disable-next-line typescript/no-explicit-any -- depends on the stream
  data: [item: any]
}

declare class Stream extends EventEmitter<StreamEvents> {
  readonly destroyed: boolean
  readonly closed: boolean
  /** Ends it at once, with an error if there is one. */
  destroy(error?: Error): this
  _destroy(error: Error | null, done: (error: Error | null) => void): void
}

/** What is read: by `'data'`, or by `for await`. */
export declare class Readable extends Stream {
  constructor(options?: StreamOptions)
  readonly readable: boolean
  readonly readableEnded: boolean
  readonly readableLength: number
  // oxlint-disable-next-line typescript/no-explicit-any -- depends on the stream
  read(): any
  pause(): this
  resume(): this
  isPaused(): boolean
  pipe<To extends Writable | Duplex>(to: To, options?: { readonly end?: boolean }): To
  push(item: unknown): boolean
  _read(): void
  // oxlint-disable-next-line typescript/no-explicit-any -- depends on the stream
  [Symbol.asyncIterator](): NodeJS.AsyncIterator<any>
}

/** What is written to. */
export declare class Writable extends Stream {
  constructor(options?: StreamOptions)
  readonly writable: boolean
  readonly writableLength: number
  readonly writableNeedDrain: boolean
  readonly writableEnded: boolean
  readonly writableFinished: boolean
  /** @returns false when it is better to wait for `'drain'` */
  write(item: unknown, done?: (error?: Error | null) => void): boolean
  end(done?: () => void): this
  _write(item: unknown, encoding: BufferEncoding, done: (error?: Error | null) => void): void
  _final(done: (error?: Error | null) => void): void
}

/** Both. */
export declare class Duplex extends Readable {
  readonly writable: boolean
  readonly writableLength: number
  readonly writableNeedDrain: boolean
  readonly writableEnded: boolean
  readonly writableFinished: boolean
  write(item: unknown, done?: (error?: Error | null) => void): boolean
  end(done?: () => void): this
}
