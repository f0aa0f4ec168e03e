import type { JwtOptions } from '@rtmpipe/plugins/auth'
import { jwtDefaults } from '@rtmpipe/plugins/auth/defaults'
import { either, list, object, span, text } from '../../config/schema-node.ts'
import type { PluginSection } from '../plugin-section.ts'
import { actions, secret } from './keys.ts'

/** Section `auth.jwt`: options of the plugin `jwtAuth`. */
export interface JwtConfig extends Omit<JwtOptions, 'key'> {
  /** A shared secret, a public key as PEM, or a JSON Web Key Set by its URL. */
  readonly key: { readonly secret: string } | { readonly publicKey: string } | { readonly jwks: string }
}

const key = either(
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

const schema = object<JwtConfig>(
  'JSON Web Tokens',
  {
    key,
    algorithms: list('signature algorithms to accept; without it, what goes with the key', text(''), {
      example: ['HS256'],
    }),
    issuer: text('who must have issued them; without it, anybody', { example: 'https://id.example.org' }),
    audience: text('for whom they must be; without it, anybody', { example: 'live' }),
    clockTolerance: {
      ...span('seconds by which clocks may differ', jwtDefaults.clockTolerance),
      expected: 'seconds, 0 or more',
    },
    parameters: list('query parameters that may have the token', text(''), {
      minItems: 1,
      default: jwtDefaults.parameters,
    }),
    actions: actions(jwtDefaults.actions),
  },
  ['key'],
)

export const jwt: PluginSection<JwtConfig> = {
  path: ['auth', 'jwt'],
  schema,
  make: async (options, { log }) => (await import('@rtmpipe/plugins/auth')).jwtAuth(options, log),
  refusal: {
    path: ['auth', 'jwt', 'key'],
    text: 'expected a secret, the PEM of a public key, or the URL of a key set',
  },
  withWorkers: 'the same as in one process; each worker fetches key sets',
}
