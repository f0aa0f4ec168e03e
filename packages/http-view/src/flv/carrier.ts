import type { Packed } from './flv-packer.ts'

/** The way to one viewer. Nothing is sent before {@link Carrier.begin}. */
export interface Carrier {
  /** What viewers by it are counted as. */
  readonly name: string
  /** Bytes that were sent and that the operating system has not taken. */
  readonly queuedBytes: number
  /** Bytes sent so far. */
  readonly bytesSent: number
  /** Tells the viewer that it is let in. */
  begin(): void
  /**
   * Sends without waiting. Who has given a function for that is told when nothing is queued any more.
   *
   * @returns true if nothing is queued
   */
  send(packed: Packed): boolean
  /** There is no more: the viewer is told when it has got everything. */
  end(): void
  /** Ends it at once, for a viewer that takes nothing. */
  cut(): void
}
