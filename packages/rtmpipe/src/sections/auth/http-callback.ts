import type { CallbackEvent, HttpCallbackOptions } from '@rtmpipe/plugins/auth'
import { httpCallbackDefaults } from '@rtmpipe/plugins/auth/defaults'
import { amount, either, list, object, oneOf, text, whole } from '../../config/schema-node.ts'
import type { PluginSection } from '../plugin-section.ts'
import { secret } from './keys.ts'

/** Section `auth.httpCallback`: options of the plugin `httpCallback`. */
export type HttpCallbackConfig = Omit<HttpCallbackOptions, 'onRelay'>

const callbackUrl = text('', {
  secret: 'url',
  pattern: '^https?://\\S+$',
  expected: 'a URL like http://host/path',
})
const callbackUrls = (description: string) =>
  either(
    description,
    [callbackUrl, list('', callbackUrl, { minItems: 1 })],
    'a URL like http://host/path, or a list of them',
    {
      secret: 'url',
    },
  )

const schema = object<HttpCallbackConfig>(
  'a web server is asked, and told',
  {
    url: either(
      'where to ask, for everything or by event',
      [
        ...(callbackUrls('').anyOf ?? []),
        object<Partial<Record<CallbackEvent, unknown>>>('', {
          connect: callbackUrls('a client connects'),
          publish: callbackUrls('a client wants to publish'),
          play: callbackUrls('a client wants to play'),
          publishEnd: callbackUrls('a publish has ended'),
          playEnd: callbackUrls('a play has ended'),
          disconnect: callbackUrls('a client has left'),
        }),
      ],
      'a URL like http://host/path, or URLs by event',
      { secret: 'url', example: 'http://127.0.0.1:3000/rtmp' },
    ),
    format: oneOf('whose questions and answers it knows', ['rtmpipe', 'nginx-rtmp', 'srs', 'mediamtx'], {
      default: httpCallbackDefaults.format,
    }),
    update: object<NonNullable<HttpCallbackConfig['update']>>(
      'who publishes and plays is asked about again and again; rtmpipe and nginx-rtmp only',
      {
        url: {
          ...callbackUrls('where to ask about who publishes and plays, again and again'),
          example: 'http://127.0.0.1:3000/update',
        },
        interval: amount('milliseconds from one time to the next', httpCallbackDefaults.updateInterval),
      },
      ['url'],
    ),
    recorded: {
      ...callbackUrls('where to tell of recordings that are complete; not for mediamtx'),
      example: 'http://127.0.0.1:3000/recorded',
    },
    method: oneOf('how to send requests; GET is for nginx-rtmp only', ['GET', 'POST'], {
      default: httpCallbackDefaults.method,
    }),
    timeout: amount('milliseconds for one attempt', httpCallbackDefaults.timeout),
    retries: whole('further attempts without an answer', 0, 100, httpCallbackDefaults.retries),
    secret: text('signs requests', { ...secret, example: 'CHANGE-ME' }),
  },
  ['url'],
)

export const httpCallback: PluginSection<HttpCallbackConfig> = {
  path: ['auth', 'httpCallback'],
  schema,
  make: async (options, { log }) => (await import('@rtmpipe/plugins/auth')).httpCallback(options, log),
  refusal: {
    path: ['auth', 'httpCallback'],
    text: 'expected URLs like http://host/path, and events and a method that the format knows',
  },
  withWorkers: 'the same as in one process; each worker sends its own requests, at most 64 at a time to a web server',
}
