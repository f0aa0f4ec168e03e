import type { AmfValue } from './value.ts'

/**
 * Has an AMF0 writer write one value in AMF3 (marker 0x11, AMF0 §3.1): for what only AMF3 can carry, and only to peers
 * that understand it (`objectEncoding` 3). Readers give the value itself.
 */
export class AvmPlus {
  /** The value to be written in AMF3. */
  readonly value: AmfValue

  constructor(value: AmfValue) {
    this.value = value
  }
}
