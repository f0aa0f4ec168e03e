import type { AuthmodOptions } from '@rtmpipe/plugins/auth'
import { authmodDefaults } from '@rtmpipe/plugins/auth/defaults'
import { amount, named, object, oneOf, text, whole } from '../../config/schema-node.ts'
import type { PluginSection } from '../plugin-section.ts'
import { actions, secret } from './keys.ts'

/** Section `auth.authmod`: options of the plugin `authmod`. */
export interface AuthmodConfig extends Omit<AuthmodOptions, 'users' | 'secret' | 'spend'> {
  /** Passwords by name. */
  readonly users: Readonly<Record<string, string>>
}

const schema = object<AuthmodConfig>(
  'login with name and password, as encoders do it',
  {
    users: {
      ...named('passwords by name', text('', { ...secret, expected: 'a password that is not empty' })),
      example: { studio: 'CHANGE-ME' },
    },
    method: oneOf('how encoders log in', ['adobe', 'llnw'], { default: authmodDefaults.method }),
    actions: actions(authmodDefaults.actions),
    challengeTimeout: amount('milliseconds from a challenge to its answer', authmodDefaults.challengeTimeout),
    maxChallenges: whole('answered challenges to remember', 1, Number.MAX_SAFE_INTEGER, authmodDefaults.maxChallenges),
  },
  ['users'],
)

export const authmod: PluginSection<AuthmodConfig> = {
  path: ['auth', 'authmod'],
  schema,
  make: async (options, { workers }) =>
    (await import('@rtmpipe/plugins/auth')).authmod({ ...options, ...workers?.logins }),
  withWorkers:
    'the same as in one process: a login may begin at one worker and end at another, and each challenge is good for one answer at all of them',
}
