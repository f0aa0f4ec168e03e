import { type StatusCode, status as statusOf } from '@rtmpipe/session'
import { ProblemError } from '../../problem/problem-error.ts'
import type { Act, EndStatus, Outcome, Reports } from '../../report/reports.ts'
import { apiPath } from '../api-path.ts'
import { count, inner, input, maybe, type Schema, text } from '../schema/schema.ts'
import { type Route, route } from './route.ts'

/** What is started has this id. */
interface Started {
  readonly id?: string
}

const started: Schema<Started> = inner<Started>('', { id: maybe(text('of what has been started')) })
const done = { status: 204, description: 'done' } as const
const notPossible = { 409: 'this server can not do that, or not now: `detail` says why' }

/** What changes something. */
export const actions: readonly Route[] = [
  ending('connection', '/connections/{id}', 'NetConnection.Connect.Closed'),
  ending('stream', '/streams/{app}/{name}', 'NetStream.Unpublish.Success'),
  ending('player', '/players/{id}', 'NetStream.Play.Stop'),
  route<undefined, { readonly stream: string }>({
    method: 'POST',
    path: '/recordings',
    operation: 'startRecording',
    summary: 'Starts to record a live stream',
    body: input<{ readonly stream: string }>('', { stream: streamId() }),
    answer: { status: 201, description: 'the recording has begun', schema: started },
    problems: { 404: 'there is no such stream', ...notPossible },
    async handle({ reports }, { body: { stream } }, reply) {
      return begun(await act(reports, { act: 'start recording', stream }), reply, 'recordings')
    },
  }),
  route({
    method: 'DELETE',
    path: '/recordings/{id}',
    operation: 'endRecording',
    summary: 'Ends a recording; its file stays',
    answer: done,
    problems: { 404: 'there is no such recording', ...notPossible },
    handle: async ({ reports }, { id }) => void (await act(reports, { act: 'end recording', id })),
  }),
  route<undefined, { readonly stream: string; readonly url: string }>({
    method: 'POST',
    path: '/relays',
    operation: 'startRelay',
    summary: 'Publishes a live stream at another server too',
    body: input<{ readonly stream: string; readonly url: string }>('', { stream: streamId(), url: destination() }),
    answer: { status: 201, description: 'the relay has begun', schema: started },
    problems: { 404: 'there is no such stream', ...notPossible },
    async handle({ reports }, { body: { stream, url } }, reply) {
      return begun(await act(reports, { act: 'start relay', stream, url }), reply, 'relays')
    },
  }),
  route<undefined, { readonly url: string }>({
    method: 'PATCH',
    path: '/relays/{id}',
    operation: 'changeRelay',
    summary: 'Lets a relay publish elsewhere',
    body: input<{ readonly url: string }>('', { url: destination() }),
    answer: done,
    problems: { 404: 'there is no such relay', ...notPossible },
    handle: async ({ reports }, { id, body: { url } }) => void (await act(reports, { act: 'change relay', id, url })),
  }),
  route({
    method: 'DELETE',
    path: '/relays/{id}',
    operation: 'endRelay',
    summary: 'Ends a relay',
    answer: done,
    problems: { 404: 'there is no such relay', ...notPossible },
    handle: async ({ reports }, { id }) => void (await act(reports, { act: 'end relay', id })),
  }),
  route({
    method: 'POST',
    path: '/reload',
    operation: 'reload',
    summary: 'Reads the configuration again, as SIGHUP does; nobody is disconnected',
    answer: done,
    problems: {
      409: 'the configuration can not be taken over, or there is none: `detail` says why',
      500: 'it could not be read: the log of the server says why',
    },
    handle: async ({ reports }) => void (await act(reports, { act: 'reload' })),
  }),
  route<undefined, { readonly timeout?: number } | undefined>({
    method: 'POST',
    path: '/drain',
    operation: 'drain',
    summary: 'Lets in nobody new, and ends the server when all have left',
    body: input<{ readonly timeout?: number }>('', {
      timeout: maybe(
        count('milliseconds after which those who are still there are disconnected; without it they may stay', {
          minimum: 0,
          maximum: 2_147_483_647,
        }),
      ),
    }) as Schema<{ readonly timeout?: number } | undefined>,
    isBodyOptional: true,
    answer: { status: 202, description: 'it drains from now on' },
    problems: notPossible,
    handle: async ({ reports }, { body }) => void (await act(reports, { act: 'drain', ...body })),
  }),
]

function ending(one: 'connection' | 'stream' | 'player', path: string, code: string): Route {
  const status = input<EndStatus>('what the client is told; without a body, what it is always told', {
    code: text('status code of RTMP, or one that begins with `App.`', {
      pattern: '^[A-Za-z0-9._-]+$',
      maxLength: 100,
      default: code,
    }),
    description: text('the same in words; most clients show it', {
      maxLength: 1_000,
      default: 'ended by the operator of the server',
    }),
  })
  return route<undefined, EndStatus | undefined>({
    method: 'DELETE',
    path,
    operation: `end${one.replace(/^./, letter => letter.toUpperCase())}`,
    summary: one === 'connection' ? 'Disconnects a client' : `Ends a ${one}; its client stays connected`,
    // With defaults for both, neither has to be sent.
    body: { ...status, required: [] } as Schema<EndStatus | undefined>,
    isBodyOptional: true,
    answer: done,
    problems: { 404: `there is no such ${one}`, ...notPossible },
    async handle({ reports }, { id, body }) {
      if (body !== undefined) checkCode(body.code)
      await act(reports, { act: `end ${one}`, id, ...(body !== undefined && { status: body }) })
    },
  })
}

function checkCode(code: string): void {
  try {
    statusOf(code as StatusCode, '')
  } catch (error) {
    throw new ProblemError(400, `body: code: ${(error as Error).message}`, { field: 'code' })
  }
}

function streamId(): Schema<string> {
  return text('id of the stream, `app/name`', { minLength: 1, maxLength: 4_096 })
}

function destination(): Schema<string> {
  return text('`rtmp[s]://host/app/name`, `rtmpt[s]://…` or `rtmfp://…`, with the key that the other server wants', {
    pattern: '^rtmp(s|t|ts)?://',
    maxLength: 2_048,
  })
}

const httpStatus = { 'not found': 404, 'not possible': 409, failed: 500 } as const

async function act(reports: Reports, what: Act): Promise<Outcome & { readonly ok: true }> {
  const outcome = await reports.act(what)
  if (!outcome.ok) throw new ProblemError(httpStatus[outcome.why], outcome.reason)
  return outcome
}

function begun({ id }: { readonly id?: string }, reply: { header(name: string, value: string): unknown }, of: string) {
  if (id === undefined) return {}
  reply.header('Location', `${apiPath}/${of}/${encodeURIComponent(id)}`)
  return { id }
}
