import type { FastifyReply } from 'fastify'
import type { House } from '../../mount.ts'
import type { SchemaNode, Schema } from '../schema/schema.ts'

/** What a request asks for, as its route's schemas let it. */
export interface Ask<Query, Body> {
  /** The path behind the collection's, decoded; empty where there is none. */
  readonly id: string
  readonly query: Query
  /** Undefined only where it need not be sent. */
  readonly body: Body
  /** Headers, by names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** What a route answers when all is well. */
export interface Answer {
  readonly status: 200 | 201 | 202 | 204
  readonly description: string
  readonly schema?: SchemaNode
  /** Of a body that is no JSON. */
  readonly mediaType?: string
}

/** One operation of the API, as data: what fastify serves, and what the OpenAPI document says. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below the API's own, as OpenAPI writes it; what is in braces is at its end. */
  readonly path: string
  /** `operationId`. */
  readonly operation: string
  readonly summary: string
  readonly query?: SchemaNode
  readonly body?: SchemaNode
  /** True when the body need not be sent. */
  readonly isBodyOptional?: boolean
  readonly answer: Answer
  /** Statuses of what may go wrong, beside those of every route, with what they mean here. */
  readonly problems?: Readonly<Record<number, string>>
  handle(house: House, ask: Ask<unknown, unknown>, reply: FastifyReply): Promise<unknown>
}

/** A {@link Route} whose handler gets what its schemas describe. */
export interface RouteOf<Query, Body> extends Omit<Route, 'query' | 'body' | 'handle'> {
  readonly query?: Schema<Query>
  readonly body?: Schema<Body>
  handle(house: House, ask: Ask<Query, Body>, reply: FastifyReply): Promise<unknown>
}

/** Forgets the types, which validation vouches for. */
export function route<Query = undefined, Body = undefined>(typed: RouteOf<Query, Body>): Route {
  return typed as Route
}

/** True when the path ends with an id. */
export function hasId({ path }: Pick<Route, 'path'>): boolean {
  return path.endsWith('}')
}
