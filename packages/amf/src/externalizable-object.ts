import type { AmfValue } from './value.ts'

/**
 * An object whose class writes itself (`flash.utils.IExternalizable`, AMF3 §3.12), and what its
 * {@link ExternalizableCodec} made of the bytes. AMF3 only.
 */
export class ExternalizableObject {
  /** The class alias, by which the codec is found. */
  readonly className: string
  /** What the codec's `read` returned, and what its `write` is given. */
  readonly content: AmfValue

  constructor(className: string, content: AmfValue) {
    this.className = className
    this.content = content
  }
}
