import { ProblemError } from '../../problem/problem-error.ts'
import type { Reports } from '../../report/reports.ts'
import { count, list, type Schema, type SchemaNode, text } from '../schema/schema.ts'
import { type Route, route } from './route.ts'

/** Entries of one answer, when nobody says. */
export const usualLimit = 1_000
/** Entries of one answer, at most. */
export const highestLimit = 10_000

/** Things of one kind, which can be listed, filtered and read one by one. */
export interface Collection<T extends { readonly id: string | number }> {
  /** Of the path, such as `streams`. */
  readonly name: string
  /** Such as `stream`. */
  readonly one: string
  /** Behind `/NAME`, such as `/{id}`; absent when they are not read one by one. */
  readonly idPath: string
  readonly schema: Schema<T>
  /** Properties that `?NAME=VALUE` picks by. */
  readonly filters: readonly (keyof T & string)[]
  /** True of what is listed with the highest id first. */
  readonly isNewestFirst?: boolean
  read(reports: Reports): Promise<readonly T[]>
}

/** A part of a list. */
export interface Page<T> {
  readonly items: readonly T[]
  /** Of all that the filters let through. */
  readonly total: number
  /** What `after` has to be for the part behind this one; absent at the end. */
  readonly next?: string
}

type Filters = Readonly<Record<string, string | number | boolean | undefined>>
type ListQuery = Filters & { readonly limit?: number; readonly after?: string }

/** Reading a collection: a page of it, and one of it. */
export function readRoutes<T extends { readonly id: string | number }>(collection: Collection<T>): readonly Route[] {
  const { name, one, idPath, schema, read } = collection
  const capital = one.replace(/^./, letter => letter.toUpperCase())
  return [
    route<ListQuery>({
      method: 'GET',
      path: `/${name}`,
      operation: `list${name.replace(/^./, letter => letter.toUpperCase())}`,
      summary: `All ${name} at present, page by page`,
      query: querySchema(collection) as Schema<ListQuery>,
      answer: { status: 200, description: 'a page', schema: pageSchema(schema) },
      handle: async ({ reports }, { query }) => pageOf(await read(reports), query, collection),
    }),
    route({
      method: 'GET',
      path: `/${name}${idPath}`,
      operation: `get${capital}`,
      summary: `One ${one}`,
      answer: { status: 200, description: `the ${one}`, schema },
      problems: { 404: `there is no such ${one}` },
      async handle({ reports }, { id }) {
        const found = (await read(reports)).find(each => String(each.id) === id)
        if (found === undefined) throw new ProblemError(404, `there is no such ${one}`)
        return found
      },
    }),
  ]
}

/** The part of a list that a query asks for. Ordered by ids, so that pages fit together while others come and go. */
export function pageOf<T extends { readonly id: string | number }>(
  all: readonly T[],
  { limit = usualLimit, after, ...filters }: ListQuery,
  { filters: names, isNewestFirst = false }: Pick<Collection<T>, 'filters' | 'isNewestFirst'>,
): Page<T> {
  const wanted = names.filter(name => filters[name] !== undefined)
  const matching = wanted.length === 0 ? all : all.filter(each => wanted.every(name => each[name] === filters[name]))
  const sign = isNewestFirst ? -1 : 1
  const sorted = [...matching].sort((one, other) => sign * compare(one.id, other.id))
  const rest = after === undefined ? sorted : sorted.slice(placeBehind(sorted, after, sign))
  const items = rest.slice(0, limit)
  const last = items.at(-1)
  return {
    items,
    total: matching.length,
    ...(rest.length > limit && last !== undefined && { next: String(last.id) }),
  }
}

function placeBehind<T extends { readonly id: string | number }>(sorted: readonly T[], after: string, sign: 1 | -1) {
  const found = sorted.findIndex(({ id }) => sign * compare(id, typeof id === 'number' ? Number(after) : after) > 0)
  return found === -1 ? sorted.length : found
}

function compare(one: string | number, other: string | number): number {
  return one < other ? -1 : one > other ? 1 : 0
}

function querySchema<T extends { readonly id: string | number }>({ schema, filters, one }: Collection<T>): SchemaNode {
  const own = schema.properties ?? {}
  const properties = {
    ...Object.fromEntries(filters.map(name => [name, filterSchema(own[name] ?? {})])),
    limit: count('entries of the answer, at most', { minimum: 1, maximum: highestLimit, default: usualLimit }),
    after: text(`\`next\` of the page before: the id of its last ${one}`, { maxLength: 4_096 }),
  }
  return { type: 'object', properties, additionalProperties: false }
}

/** Picks by a property: the same type, whatever it is called inside of a report. */
function filterSchema({ title: _title, ...node }: SchemaNode): SchemaNode {
  return { ...node, ...(node.type === 'string' && node.enum === undefined && { maxLength: 4_096 }) }
}

function pageSchema<T>(items: Schema<T>): SchemaNode {
  return {
    type: 'object',
    properties: {
      items: list('ordered by their ids', items),
      total: count('of all pages'),
      next: text('what `after` has to be for the next page; absent at the end'),
    },
    required: ['items', 'total'],
  }
}
