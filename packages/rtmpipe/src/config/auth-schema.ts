import type { CallbackEvent, IpFilterOptions, PublishKeysOptions, StreamKey } from '@rtmpipe/plugins/auth'
import type { AuthConfig, AuthmodConfig, HttpCallbackConfig, JwtConfig, SignedUrlsConfig } from './config.ts'
import { amount, either, list, named, object, oneOf, type SchemaNode, span, text, whole } from './schema-node.ts'

const secret: Partial<SchemaNode> = { secret: 'all', expected: 'a key that is not empty' }

function actions(byDefault: readonly string[]): SchemaNode {
  const node = list('who needs it: publish, play', oneOf('', ['publish', 'play']))
  return { ...node, default: byDefault }
}

const ipFilter = object<IpFilterOptions>('addresses that may connect, and those that may not', {
  allow: list('addresses and networks that may; all others may not', text(''), { example: ['10.0.0.0/8'] }),
  deny: list('addresses and networks that may not', text(''), { default: [], example: ['192.0.2.0/24'] }),
  actions: list(
    'ask only of these: publish, play; without it, of everybody who connects',
    oneOf('', ['publish', 'play']),
    {
      example: ['publish'],
    },
  ),
})

const authmod = object<AuthmodConfig>(
  'login with name and password, as encoders do it',
  {
    users: {
      ...named('passwords by name', text('', { ...secret, expected: 'a password that is not empty' })),
      example: { studio: 'CHANGE-ME' },
    },
    method: oneOf('how encoders log in', ['adobe', 'llnw'], { default: 'adobe' }),
    actions: actions(['publish', 'play']),
    challengeTimeout: amount('milliseconds from a challenge to its answer', 30_000),
    maxChallenges: whole('challenges under way at a time', 1, Number.MAX_SAFE_INTEGER, 10_000),
  },
  ['users'],
)

const streamKey = object<StreamKey>(
  'a key, and what it opens',
  {
    key: text('the key', secret),
    streams: list('patterns of app/stream, like live/room-*', text(''), { default: ['**'] }),
  },
  ['key'],
)

const publishKeys = object<PublishKeysOptions>(
  'static keys: a stream key is name?key=KEY',
  {
    keys: list(
      'the keys; any of them will do',
      either('', [text('', secret), streamKey], 'a key that is not empty', secret),
      {
        minItems: 1,
        example: ['CHANGE-ME'],
      },
    ),
    actions: actions(['publish']),
    parameter: text('query parameter that has the key', { default: 'key' }),
  },
  ['keys'],
)

const signedUrls = object<SignedUrlsConfig>(
  'URLs that rtmpipe sign made',
  {
    keys: either(
      'the secret, or several by their ids',
      [text('', secret), named('', text('', secret))],
      'a key that is not empty',
      { ...secret, example: 'CHANGE-ME' },
    ),
    actions: actions(['publish', 'play']),
  },
  ['keys'],
)

const jwtKey = either(
  'what tokens are signed with: a secret, a public key (PEM), or a key set by its URL',
  [
    object('', { secret: text('shared secret', { ...secret, example: 'CHANGE-ME' }) }, ['secret']),
    object('', { publicKey: text('PEM of a public key or certificate', { fromFile: true, secret: 'all' }) }, [
      'publicKey',
    ]),
    object(
      '',
      {
        jwks: text('URL of a JSON Web Key Set', {
          secret: 'url',
          pattern: '^https?://\\S+$',
          expected: 'a URL like https://host/jwks.json',
        }),
      },
      ['jwks'],
    ),
  ],
  'an object with secret, publicKey or jwks',
  { example: { secret: 'CHANGE-ME' } },
)

const jwt = object<JwtConfig>(
  'JSON Web Tokens',
  {
    key: jwtKey,
    algorithms: list('signature algorithms to accept; without it, what goes with the key', text(''), {
      example: ['HS256'],
    }),
    issuer: text('who must have issued them; without it, anybody', { example: 'https://id.example.org' }),
    audience: text('for whom they must be; without it, anybody', { example: 'live' }),
    clockTolerance: { ...span('seconds by which clocks may differ', 5), expected: 'seconds, 0 or more' },
    parameters: list('query parameters that may have the token', text(''), { minItems: 1, default: ['token', 'jwt'] }),
    actions: actions(['publish', 'play']),
  },
  ['key'],
)

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

const httpCallback = object<HttpCallbackConfig>(
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
      default: 'rtmpipe',
    }),
    update: object<NonNullable<HttpCallbackConfig['update']>>(
      'who publishes and plays is asked about again and again; rtmpipe and nginx-rtmp only',
      {
        url: {
          ...callbackUrls('where to ask about who publishes and plays, again and again'),
          example: 'http://127.0.0.1:3000/update',
        },
        interval: amount('milliseconds from one time to the next', 30_000),
      },
      ['url'],
    ),
    recorded: {
      ...callbackUrls('where to tell of recordings that are complete; not for mediamtx'),
      example: 'http://127.0.0.1:3000/recorded',
    },
    method: oneOf('how to send requests; GET is for nginx-rtmp only', ['GET', 'POST'], { default: 'POST' }),
    timeout: amount('milliseconds for one attempt', 3_000),
    retries: whole('further attempts without an answer', 0, 100, 1),
    secret: text('signs requests', { ...secret, example: 'CHANGE-ME' }),
  },
  ['url'],
)

/** In the order in which they are asked. */
export const auth: SchemaNode = object<AuthConfig>('who may publish and play; sections that are there must all agree', {
  ipFilter,
  authmod,
  publishKeys,
  signedUrls,
  jwt,
  httpCallback,
})
