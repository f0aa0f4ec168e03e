/**
 * The part of JSON Schema that settings are described in, with a few words of ours. It is plain data: a library to build
 * it, as TypeBox, costs every start of the server up to half a second and 25 MB. The tests hold TypeBox against it.
 */
export interface SchemaNode {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  readonly description?: string
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly required?: readonly string[]
  /** Of names that are not fixed: false for none, or what their values are. */
  readonly additionalProperties?: false | SchemaNode
  readonly minProperties?: number
  readonly items?: SchemaNode
  readonly minItems?: number
  readonly enum?: readonly string[]
  readonly const?: boolean
  readonly minLength?: number
  readonly pattern?: string
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly anyOf?: readonly SchemaNode[]
  /** What a value has to be, in words. Ours. */
  readonly expected?: string
  /** Whether a value is shown: not at all, or a URL without what may be secret. Ours. */
  readonly secret?: 'all' | 'url'
  /** True of text that may also be read from a file that the environment names. Ours; secrets may always. */
  readonly fromFile?: boolean
  /** A value to show how it is used. Ours. */
  readonly example?: unknown
  /** True of an object each part of which can be switched on alone. Ours. */
  readonly isGroup?: boolean
}

/** Words of ours, which other programs do not know. */
export const ownKeywords: readonly (keyof SchemaNode)[] = ['expected', 'secret', 'fromFile', 'example', 'isGroup']

/** An object with exactly the properties of `T`. */
export function object<T extends object>(
  description: string,
  properties: { readonly [K in keyof Required<T>]: SchemaNode },
  required: readonly (keyof T & string)[] = [],
): SchemaNode {
  return { type: 'object', description, properties, required, additionalProperties: false }
}

/** The same, each part of which can be switched on alone. */
export function group<T extends object>(
  description: string,
  properties: { readonly [K in keyof Required<T>]: SchemaNode },
): SchemaNode {
  return { ...object<T>(description, properties), isGroup: true }
}

/** An object whose names are free. */
export function named(description: string, values: SchemaNode): SchemaNode {
  return { type: 'object', description, additionalProperties: values, minProperties: 1 }
}

export function list(description: string, items: SchemaNode, more: Partial<SchemaNode> = {}): SchemaNode {
  return { type: 'array', description, items, ...more }
}

/** Text that is not empty. */
export function text(description: string, more: Partial<SchemaNode> = {}): SchemaNode {
  return { type: 'string', description, minLength: 1, expected: 'a text that is not empty', ...more }
}

/** One of some words, which are put behind the description. */
export function oneOf(about: string, values: readonly string[], more: Partial<SchemaNode> = {}): SchemaNode {
  const expected = values.length === 2 ? values.join(' or ') : `one of ${values.join(', ')}`
  const description = about === '' ? '' : `${about}: ${values.join(', ')}`
  return { type: 'string', description, enum: values, expected, ...more }
}

export function whole(description: string, minimum: number, maximum: number, initial?: number): SchemaNode {
  const range =
    maximum === Number.MAX_SAFE_INTEGER ? `a whole number from ${minimum}` : `a number from ${minimum} to ${maximum}`
  return {
    type: 'integer',
    description,
    minimum,
    maximum,
    expected: range,
    ...(initial !== undefined && { default: initial }),
  }
}

/** A number of anything, more than none. */
export function amount(description: string, initial?: number): SchemaNode {
  const expected = 'a number, more than 0'
  return {
    type: 'number',
    description,
    exclusiveMinimum: 0,
    expected,
    ...(initial !== undefined && { default: initial }),
  }
}

/** Milliseconds, or none. */
export function span(description: string, initial?: number): SchemaNode {
  const expected = 'milliseconds, 0 or more'
  return { type: 'number', description, minimum: 0, expected, ...(initial !== undefined && { default: initial }) }
}

export function yesOrNo(description: string, initial?: boolean): SchemaNode {
  const expected = 'true or false'
  return { type: 'boolean', description, expected, ...(initial !== undefined && { default: initial }) }
}

export function either(
  description: string,
  anyOf: readonly SchemaNode[],
  expected: string,
  more: Partial<SchemaNode> = {},
): SchemaNode {
  return { description, anyOf, expected, ...more }
}
