/**
 * What happens when a name is published that is published already, or was a moment ago: the newcomer is refused, takes
 * over, or goes on where the last one stopped, and players see one stream.
 *
 * @example
 * ```ts
 * server.use(publisherReturn({ policy: 'resume', grace: 15_000 }))
 * ```
 *
 * It decides nothing about who may publish at all: gates do, and stand before it.
 *
 * @packageDocumentation
 */
export { publisherReturnDefaults } from './defaults.ts'
export {
  PUBLISHER_RETURN_OPTIONS,
  publisherReturn,
  PublisherReturn,
  type PublisherReturnOptions,
  type ReturnPolicy,
} from './publisher-return.ts'
export { sameCredentials } from './same-credentials.ts'
