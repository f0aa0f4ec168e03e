import { Ajv, type ValidateFunction } from 'ajv'
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchemaValidationError } from 'fastify'
import fastJson from 'fast-json-stringify'
import type { Role } from '../access/access.ts'
import type { House } from '../mount.ts'
import { answerProblem, problemErrorHandler } from '../problem/answer-problem.ts'
import { ProblemError } from '../problem/problem-error.ts'
import { apiPath } from './api-path.ts'
import { type OpenApi, openApi } from './openapi.ts'
import { actions } from './routes/actions.ts'
import { collections } from './routes/collections.ts'
import { eventsRoute } from './routes/events.ts'
import { hasId, type Route } from './routes/route.ts'
import { server } from './routes/server.ts'

/** Bytes of a body. */
export const bodyLimit: number = 16 * 1024
const documentPath = '/openapi.json'

/** Registers the API in a house. */
export async function serveApi(app: FastifyInstance, house: House): Promise<void> {
  const { events, feeds } = eventsRoute()
  const routes = [...server, ...collections, ...actions, events]
  house.host.signal.addEventListener('abort', () => feeds.close(), { once: true })
  await app.register(
    async scope => {
      scope.addHook('preClose', async () => feeds.close())
      serve(scope, house, routes)
    },
    { prefix: apiPath },
  )
  await app.register(async scope => serveDocument(scope, openApi(routes, roleOf)), { prefix: apiPath })
}

/** The API as OpenAPI 3.1. */
export function apiDocument(): OpenApi {
  return openApi([...server, ...collections, ...actions, eventsRoute().events], roleOf)
}

function roleOf(method: string): Role {
  return method === 'GET' || method === 'HEAD' ? 'view' : 'operate'
}

function serve(scope: FastifyInstance, house: House, routes: readonly Route[]): void {
  const roles = { view: house.access.requires('view'), operate: house.access.requires('operate') }
  scope.addHook('onRequest', async function (request, reply) {
    harden(reply)
    return roles[roleOf(request.method)].call(this, request, reply)
  })
  scope.removeAllContentTypeParsers()
  const parse = scope.getDefaultJsonParser('error', 'error')
  scope.addContentTypeParser<string>('application/json', { parseAs: 'string', bodyLimit }, (request, body, done) =>
    // Many programs announce JSON and send none.
    body === '' ? done(null, undefined) : parse(request, body, done),
  )
  const strict = { allErrors: false, useDefaults: true, strict: false } as const
  const validators = { body: new Ajv(strict), query: new Ajv({ ...strict, coerceTypes: 'array' }) }
  // Compiled when the route is asked for: few servers are asked for all, and together they take megabytes.
  scope.setValidatorCompiler(({ schema, httpPart }) => {
    const { body, query } = validators
    let validate: ValidateFunction | undefined
    return data => {
      validate ??= (httpPart === 'body' ? body : query).compile(schema as object)
      return validate(data) ? true : { error: validate.errors as FastifySchemaValidationError[] }
    }
  })
  // What a schema does not name is left out of the answer.
  scope.setSerializerCompiler(({ schema }) => {
    let serialize: ((data: unknown) => string) | undefined
    return data => (serialize ??= fastJson(schema as object))(data)
  })
  scope.setErrorHandler(problemErrorHandler(house.host.log))
  scope.setNotFoundHandler((request, reply) => answerProblem(reply, noSuchRoute(request, routes)))
  for (const each of routes) serveRoute(scope, house, each)
}

function serveRoute(scope: FastifyInstance, house: House, route: Route): void {
  const { method, path, query, body, isBodyOptional = false, answer } = route
  const isJson = answer.schema !== undefined && answer.mediaType === undefined
  scope.route({
    method,
    url: urlOf(route),
    // Who only asks for the headers of events would wait for their end.
    exposeHeadRoute: method === 'GET' && isJson,
    bodyLimit,
    attachValidation: isBodyOptional,
    schema: {
      querystring: query ?? noQuery,
      ...(body !== undefined && { body }),
      ...(isJson && { response: { [answer.status]: answer.schema } }),
    },
    async handler(request, reply) {
      const isWithout = isBodyOptional && request.body === undefined
      if (request.validationError && !isWithout) throw request.validationError
      const { '*': id = '' } = request.params as { '*'?: string }
      if (hasId(route) && id === '') throw new ProblemError(404, `there is nothing at ${apiPath}${path} without an id`)
      const ask = { id, query: request.query, body: request.body, headers: request.headers }
      reply.code(answer.status)
      const answered = await route.handle(house, ask, reply)
      return answer.status === 200 || answer.status === 201 ? answered : reply.send()
    },
  })
}

const noQuery = { type: 'object', properties: {}, additionalProperties: false } as const

/** Ids may have slashes in them: all that is behind the collection's path is one. */
function urlOf({ path }: Route): string {
  return path.replace(/\{.*\}$/, '*')
}

function noSuchRoute({ method, url }: FastifyRequest, routes: readonly Route[]): ProblemError {
  const [path = ''] = url.slice(apiPath.length).split('?')
  const here = routes.filter(each => isAt(each, path)).map(each => each.method)
  if (path === documentPath) here.push('GET')
  if (here.length === 0 || here.some(each => each === method)) {
    return new ProblemError(404, `there is nothing here: ${apiPath}${documentPath} tells what there is`)
  }
  const allowed = here.includes('GET') && path !== '/events' ? ['HEAD', ...here] : here
  const methods = [...new Set(allowed)].sort().join(', ')
  return new ProblemError(405, `this can not be asked for with ${method}: use ${methods}`, {
    headers: { Allow: methods },
  })
}

function isAt(route: Route, path: string): boolean {
  const url = urlOf(route)
  return url.endsWith('*') ? path.startsWith(url.slice(0, -1)) && path.length >= url.length : path === url
}

function serveDocument(scope: FastifyInstance, document: OpenApi): void {
  const text = JSON.stringify(document)
  scope.get(documentPath, async (_request, reply) => {
    harden(reply)
    return reply.type('application/json; charset=utf-8').send(text)
  })
}

/** What it answers is of now, and is no page. */
function harden(reply: FastifyReply): void {
  reply.headers({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' })
}
