import { isSettings, type Path } from './path.ts'
import type { Problem } from './problem.ts'
import type { SchemaNode } from './schema-node.ts'
import { suggestion } from '@rtmpipe/chunk-stream'

/** All that is wrong with a value, and where. */
export function check(node: SchemaNode, value: unknown, path: Path = []): readonly Problem[] {
  if (node.anyOf !== undefined) return checkChoices(node, node.anyOf, value, path)
  if (node.type === 'object') return isSettings(value) ? checkObject(node, value, path) : [wrong(node, value, path)]
  if (node.type === 'array') return Array.isArray(value) ? checkList(node, value, path) : [wrong(node, value, path)]
  return isScalar(node, value) ? [] : [wrong(node, value, path)]
}

/** Of choices that are not met, one of the value's own kind says best what is wrong with it. */
function checkChoices(
  node: SchemaNode,
  choices: readonly SchemaNode[],
  value: unknown,
  path: Path,
): readonly Problem[] {
  const found = choices.map(choice => ({ choice, problems: check(choice, value, path) }))
  if (found.some(({ problems }) => problems.length === 0)) return []
  const kind = isSettings(value) ? 'object' : Array.isArray(value) ? 'array' : undefined
  const same = found.filter(({ choice }) => kind !== undefined && choice.type === kind)
  const [best] = same.sort((one, other) => one.problems.length - other.problems.length)
  return best?.problems ?? [wrong(node, value, path)]
}

function checkObject(node: SchemaNode, value: object, path: Path): readonly Problem[] {
  const { properties = {}, required = [], additionalProperties = false, minProperties = 0 } = node
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
  if (entries.length < minProperties) return [{ path, text: 'expected at least one name with its value' }]
  const missing = new Set(required.filter(name => !entries.some(([given]) => given === name)))
  const problems: Problem[] = []
  for (const [name, inner] of entries) {
    const known = Object.hasOwn(properties, name) ? properties[name] : additionalProperties
    if (known) problems.push(...check(known, inner, [...path, name]))
    else {
      const meant = suggestion(name, Object.keys(properties))
      // One mistake, and not two.
      if (meant !== undefined) missing.delete(meant)
      problems.push({
        path: [...path, name],
        text: `unknown setting${meant === undefined ? '' : `, did you mean ${meant}?`}`,
      })
    }
  }
  for (const name of missing) {
    const expected = properties[name]?.expected ?? kindOf(properties[name] ?? {})
    problems.push({ path: [...path, name], text: `missing, expected ${expected}`, isMissing: true })
  }
  return problems
}

function checkList(node: SchemaNode, value: readonly unknown[], path: Path): readonly Problem[] {
  const { items = {}, minItems = 0 } = node
  if (value.length < minItems) return [{ path, text: 'expected at least one in the list' }]
  return value.flatMap((inner, index) => check(items, inner, [...path, index]))
}

function isScalar(node: SchemaNode, value: unknown): boolean {
  if (node.type === 'string') {
    if (typeof value !== 'string') return false
    const { minLength = 0, pattern, enum: values } = node
    return (
      value.length >= minLength &&
      (pattern === undefined || new RegExp(pattern).test(value)) &&
      (values?.includes(value) ?? true)
    )
  }
  if (node.type === 'boolean') return typeof value === 'boolean' && (node.const ?? value) === value
  if (typeof value !== 'number' || !Number.isFinite(value)) return false
  const { minimum = -Infinity, exclusiveMinimum = -Infinity, maximum = Infinity } = node
  return (
    (node.type !== 'integer' || Number.isInteger(value)) &&
    value >= minimum &&
    value > exclusiveMinimum &&
    value <= maximum
  )
}

function wrong(node: SchemaNode, value: unknown, path: Path): Problem {
  const text = `expected ${node.expected ?? kindOf(node)}`
  const isLeaf = node.type !== 'object' && node.type !== 'array'
  // A key may have been put where it does not belong.
  const mayShow = isLeaf && node.secret === undefined && path[0] !== 'auth'
  return { path, text, ...(mayShow && { shown: value }) }
}

function kindOf({ type }: SchemaNode): string {
  return type === 'array' ? 'a list' : type === 'object' ? 'an object' : 'a value'
}
