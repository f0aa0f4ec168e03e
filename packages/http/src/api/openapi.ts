import { problemType } from '../problem/answer-problem.ts'
import type { Problem } from '../problem/problem.ts'
import type { Role } from '../access/access.ts'
import type { Route } from './routes/route.ts'
import { apiPath } from './api-path.ts'
import { count, maybe, object, type Schema, type SchemaNode, text } from './schema/schema.ts'

/** An OpenAPI 3.1 document, as plain data. */
export type OpenApi = Readonly<Record<string, unknown>>

const problemSchema: Schema<Problem> = object<Problem>('Problem', 'what went wrong (RFC 9457)', {
  type: text('`about:blank`: the status says of what kind it is'),
  title: text('the words of the status'),
  status: count('the status'),
  detail: text('what is wrong with this request, and what to do'),
  field: maybe(text('of a 400: what is wrong, as the request names it')),
})

/** What may go wrong with many requests, by status, with its name in the document. */
const usualProblems: Readonly<Record<number, readonly [name: string, description: string]>> = {
  400: ['BadRequest', 'something in the request is wrong: `field` says what'],
  401: ['Unauthorized', 'no token, or a wrong one'],
  403: ['Forbidden', 'the token, or the session, may not do this'],
  413: ['TooLarge', 'the body is too large'],
  415: ['NotJson', 'the body is not JSON'],
  429: ['TooManyFailures', 'too many wrong tokens from this address'],
}

const parameterText: Readonly<Record<string, string>> = {
  id: 'as the list has it, percent-encoded',
  app: 'application; slashes in it may be left as they are, or be encoded as `%2F`',
  name: 'name of the stream, percent-encoded; the same is true of slashes in it',
}

/** What the API is, for programs, made of what serves it. */
export function openApi(routes: readonly Route[], roleOf: (method: string) => Role): OpenApi {
  const components = new Map<string, SchemaNode>()
  const paths: Record<string, Record<string, unknown>> = {}
  for (const each of routes) {
    const operations = (paths[apiPath + each.path] ??= {})
    operations[each.method.toLowerCase()] = operation(each, roleOf(each.method), components)
  }
  refer(problemSchema, components)
  return {
    openapi: '3.1.0',
    info: {
      title: 'rtmpipe',
      version: '1',
      summary: 'Looks at a server while it runs, and steers it',
      description:
        'Times are ISO 8601 in UTC, durations milliseconds, sizes bytes, rates bits per second, unless a description says otherwise.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      schemas: Object.fromEntries([...components].sort(([one], [other]) => (one < other ? -1 : 1))),
      responses: Object.fromEntries(
        Object.values(usualProblems).map(([name, description]) => [name, problemResponse(description)]),
      ),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'the admin token' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'rtmpipe',
          description: 'the session of a browser; what changes something needs the header X-CSRF-Token too',
        },
      },
    },
  }
}

function operation(route: Route, role: Role, components: Map<string, SchemaNode>): OpenApi {
  const { path, operation: operationId, summary, query, body, isBodyOptional = false, answer, problems = {} } = route
  const { status, description, schema, mediaType = 'application/json' } = answer
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    description: parameterText[name],
    schema: { type: 'string' },
  }))
  const inQuery = Object.entries(query?.properties ?? {}).map(([name, { description: about, ...node }]) => ({
    name,
    in: 'query',
    description: about,
    schema: refer(node, components),
  }))
  const parameters = [...inPath, ...inQuery]
  const usual = [401, 403, 429, ...(query || body ? [400] : []), ...(body ? [413, 415] : [])]
  return {
    operationId,
    summary,
    description: `Needs the role \`${role}\`.`,
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && {
      requestBody: {
        required: !isBodyOptional,
        content: { 'application/json': { schema: refer(body, components) } },
      },
    }),
    responses: {
      [status]: {
        description,
        ...(schema !== undefined && {
          content: { [mediaType]: { schema: answerSchema(schema, mediaType, components) } },
        }),
      },
      ...Object.fromEntries(usual.map(code => [code, { $ref: `#/components/responses/${usualProblems[code]?.[0]}` }])),
      ...Object.fromEntries(Object.entries(problems).map(([code, about]) => [code, problemResponse(about)])),
    },
  }
}

/** Events are text with JSON in it. */
function answerSchema(schema: SchemaNode, mediaType: string, components: Map<string, SchemaNode>): unknown {
  const referred = refer(schema, components)
  if (mediaType === 'application/json') return referred
  return { type: 'string', contentMediaType: 'application/json', contentSchema: referred }
}

function problemResponse(description: string): OpenApi {
  return { description, content: { [problemType]: { schema: { $ref: '#/components/schemas/Problem' } } } }
}

/** The schema with all that have a title put into the components, and pointed to. */
function refer(node: SchemaNode, components: Map<string, SchemaNode>): unknown {
  const { title, ...rest } = node
  const written = {
    ...rest,
    ...(rest.properties !== undefined && {
      properties: Object.fromEntries(
        Object.entries(rest.properties).map(([name, property]) => [name, refer(property, components)]),
      ),
    }),
    ...(rest.items !== undefined && { items: refer(rest.items, components) }),
    ...(rest.required?.length === 0 && { required: undefined }),
  }
  if (title === undefined) return written
  components.set(title, written as SchemaNode)
  return { $ref: `#/components/schemas/${title}` }
}
