import type { PlainValue } from './plain-value.ts'
import { printable, quoted } from './printable.ts'

const maxString = 64
const maxText = 220

/** A value on one line, shortened. */
export function valueText(value: PlainValue): string {
  return cut(text(value, 0), maxText)
}

/** Values, separated by commas, shortened together. */
export function valuesText(values: readonly PlainValue[]): string {
  return cut(values.map(value => text(value, 0)).join(', '), maxText)
}

function text(value: PlainValue, depth: number): string {
  if (typeof value === 'string') return quoted(cut(value, maxString))
  if (value === null || typeof value !== 'object') return String(value)
  if (depth > 4) return '…'
  if (isList(value)) return `[${some(value.map(item => () => text(item, depth + 1)))}]`
  const { $amf, members, value: inner, ...rest } = value
  if (typeof $amf !== 'string') return object(value, depth)
  if ($amf === 'Undefined') return 'undefined'
  if ($amf === 'Number' || $amf === 'Date') return typeof inner === 'string' ? printable(inner) : 'invalid'
  const content = members ?? inner ?? rest
  const shown =
    typeof content === 'object' && content !== null && !isList(content)
      ? object(content, depth)
      : text(content, depth + 1)
  return shown === '{}' && members === undefined ? printable($amf) : `${printable($amf)} ${shown}`
}

function object(members: { readonly [key: string]: PlainValue }, depth: number): string {
  return `{${some(
    Object.entries(members).map(
      ([key, item]) =>
        () =>
          `${printable(cut(key, maxString))}: ${text(item, depth + 1)}`,
    ),
  )}}`
}

function isList(value: PlainValue): value is readonly PlainValue[] {
  return Array.isArray(value)
}

/** No more is written than is shown in the end. */
function some(items: readonly (() => string)[]): string {
  const written: string[] = []
  let length = 0
  for (const item of items) {
    if (length > maxText) break
    const next = item()
    written.push(next)
    length += next.length + 2
  }
  return written.join(', ')
}

function cut(value: string, length: number): string {
  return value.length <= length ? value : `${value.slice(0, length - 1)}…`
}
