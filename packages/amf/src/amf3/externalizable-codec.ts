import type { AmfValue } from '../value.ts'
import type { ExternalizableInput } from './externalizable-input.ts'
import type { ExternalizableOutput } from './externalizable-output.ts'

/**
 * How the objects of one externalizable class are read and written. Whatever it throws that is no {@link AmfError}
 * becomes the `cause` of one.
 */
export interface ExternalizableCodec {
  /** Reads exactly the bytes the class wrote: their number is told nowhere. */
  read(input: ExternalizableInput): AmfValue
  /** Writes what {@link read} returned. */
  write(output: ExternalizableOutput, content: AmfValue): void
}

/** Codecs by class name. */
export type ExternalizableCodecs = ReadonlyMap<string, ExternalizableCodec>

/** The content is one value. */
const oneValue: ExternalizableCodec = Object.freeze({
  read: (input: ExternalizableInput) => input.value(),
  write: (output: ExternalizableOutput, content: AmfValue) => output.value(content),
})

/**
 * The codecs where none are given: Flex's `ArrayCollection`, `ArrayList`, `ArrayProxy` and `ObjectProxy`, whose content
 * is the array or object inside. With others: `new Map([...defaultExternalizableCodecs, [className, codec]])`.
 */
export const defaultExternalizableCodecs: ExternalizableCodecs = new Map([
  ['flex.messaging.io.ArrayCollection', oneValue],
  ['flex.messaging.io.ArrayList', oneValue],
  ['flex.messaging.io.ArrayProxy', oneValue],
  ['flex.messaging.io.ObjectProxy', oneValue],
])
