import { ProblemError } from '../../problem/problem-error.ts'
import { serverReport } from '../schema/reports.ts'
import { anything } from '../schema/schema.ts'
import { type Route, route } from './route.ts'

/** What there is one of. */
export const server: readonly Route[] = [
  route({
    method: 'GET',
    path: '/server',
    operation: 'getServer',
    summary: 'The server as a whole',
    answer: { status: 200, description: 'the server', schema: serverReport },
    handle: ({ reports }) => reports.server(),
  }),
  route({
    method: 'GET',
    path: '/configuration',
    operation: 'getConfiguration',
    summary: 'The configuration that the server runs with; secrets are masked',
    answer: { status: 200, description: 'the configuration', schema: anything('as of the configuration file') },
    problems: { 404: 'there is none: the server was made by a program' },
    async handle({ reports }) {
      const configuration = reports.configuration()
      if (configuration !== undefined) return configuration
      throw new ProblemError(404, 'there is no configuration: this server was made by a program')
    },
  }),
]
