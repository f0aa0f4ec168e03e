/**
 * The part of JSON Schema that the API is described in, as plain data: fastify validates and writes by it, and the
 * OpenAPI document is made of it. The interfaces of the reports are the truth, and the type of a schema says which it is
 * of: the compiler finds a property that is missing, too much, of another type, or optional in one of the two only.
 */
export interface SchemaNode {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean'
  /** Names the schema in the OpenAPI document. */
  readonly title?: string
  readonly description?: string
  readonly default?: unknown
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly required?: readonly string[]
  readonly additionalProperties?: false
  readonly items?: SchemaNode
  readonly anyOf?: readonly SchemaNode[]
  readonly enum?: readonly string[]
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly maxItems?: number
  readonly minimum?: number
  readonly maximum?: number
}

declare const valueType: unique symbol

/** A schema of exactly `T`. */
export interface Schema<T> extends SchemaNode {
  readonly [valueType]?: (value: T) => T
}

/** A property that may be absent. */
export interface Optional<T> {
  readonly optional: Schema<T>
}

/** Properties that are those of `T`, no more and no less. */
export type Properties<T> = {
  readonly [K in keyof T]-?: object extends Pick<T, K> ? Optional<Exclude<T[K], undefined>> : Schema<T[K]>
}

/** Further words of JSON Schema. */
export type More = Omit<SchemaNode, 'type' | 'properties' | 'required' | 'items' | 'enum'>

export function object<T extends object>(title: string, description: string, properties: Properties<T>): Schema<T> {
  return { title, ...inner<T>(description, properties) }
}

/** An object without a name of its own in the OpenAPI document. */
export function inner<T extends object>(description: string, properties: Properties<T>): Schema<T> {
  const entries = Object.entries(properties) as [string, SchemaNode | Optional<unknown>][]
  const required = entries.filter(([, property]) => !isOptional(property)).map(([name]) => name)
  const nodes = entries.map(([name, property]) => [name, isOptional(property) ? property.optional : property])
  return { type: 'object', description, properties: Object.fromEntries(nodes), required }
}

/** An object that somebody sends: what is not known is refused, and not left out. */
export function input<T extends object>(description: string, properties: Properties<T>): Schema<T> {
  return { ...inner<T>(description, properties), additionalProperties: false }
}

export function maybe<T>(optional: Schema<T>): Optional<T> {
  return { optional }
}

export function list<T>(description: string, items: Schema<T>): Schema<readonly T[]> {
  return { type: 'array', description, items }
}

export function text(description: string, more: More = {}): Schema<string> {
  return { type: 'string', description, ...more }
}

export function time(description: string): Schema<string> {
  return text(description, { format: 'date-time' })
}

/** One of all values that there are: one that is left out does not compile. */
export function oneOf<const V extends string>(description: string, values: readonly V[]): Schema<V> {
  return { type: 'string', description, enum: values }
}

/** A whole number. */
export function count(description: string, more: More = {}): Schema<number> {
  return { type: 'integer', description, ...more }
}

export function amount(description: string, more: More = {}): Schema<number> {
  return { type: 'number', description, ...more }
}

export function yesOrNo(description: string): Schema<boolean> {
  return { type: 'boolean', description }
}

export function anything(description: string): Schema<unknown> {
  return { description }
}

function isOptional(property: SchemaNode | Optional<unknown>): property is Optional<unknown> {
  return 'optional' in property
}
