import type { Logger } from '@rtmpipe/session'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ProblemError } from './problem-error.ts'

export const problemType = 'application/problem+json'

/** Answers with what went wrong. */
export function answerProblem(reply: FastifyReply, error: ProblemError): FastifyReply {
  // As text: a scope's serializers know nothing of problems.
  const text = JSON.stringify(error.document)
  return reply.code(error.statusCode).headers(error.headers).type(problemType).send(text)
}

/**
 * For `setErrorHandler`: errors of handlers, of validation and of fastify as problems.
 *
 * @param log is told of errors that are ours
 */
export function problemErrorHandler(
  log: Pick<Logger, 'error'>,
): (error: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply {
  return (error, _request, reply) => {
    const problem = problemOf(error)
    if (problem.statusCode === 500) log.error({ err: error }, 'a request over HTTP failed')
    return answerProblem(reply, problem)
  }
}

/** What fastify says of bodies, in words that say what to do. Parsers' own words would repeat the body. */
const wordsOf: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'the body has to be JSON, with Content-Type: application/json',
  FST_ERR_CTP_BODY_TOO_LARGE: 'the body is too large',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'the body is empty: send JSON, or no Content-Type',
  FST_ERR_CTP_INVALID_JSON_BODY: 'the body is not JSON',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'the body is not as long as Content-Length says',
}

interface FastifyFault {
  readonly code?: string
  readonly statusCode?: number
  readonly validation?: readonly ValidationFault[]
  readonly validationContext?: string
}

interface ValidationFault {
  readonly instancePath: string
  readonly message?: string
  readonly params: Readonly<Record<string, unknown>>
}

function problemOf(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  const { code = '', statusCode = 500, validation, validationContext } = error as FastifyFault
  const [fault] = validation ?? []
  if (fault !== undefined) return invalid(fault, validationContext ?? 'request')
  if (statusCode >= 400 && statusCode < 500) {
    return new ProblemError(statusCode, wordsOf[code] ?? (statusCode === 400 ? 'the body is not JSON' : 'bad request'))
  }
  return new ProblemError(500, 'this failed inside of the server: its log says how')
}

function invalid({ instancePath, message = 'is wrong', params }: ValidationFault, where: string): ProblemError {
  const path = instancePath.slice(1).replaceAll('/', '.')
  const { missingProperty: missing, additionalProperty: unknown, allowedValues } = params
  const inner = typeof missing === 'string' ? missing : typeof unknown === 'string' ? unknown.slice(0, 100) : undefined
  const field = [path, inner].filter(Boolean).join('.')
  const place = where === 'querystring' ? 'query' : where
  const words =
    missing !== undefined
      ? 'is missing'
      : unknown !== undefined
        ? 'is not known here'
        : Array.isArray(allowedValues)
          ? `must be one of ${allowedValues.join(', ')}`
          : message
  return new ProblemError(400, `${place}: ${field === '' ? '' : `${field} `}${words}`, field === '' ? {} : { field })
}
