import type { ServeConfig } from '../config/config.ts'

/** What a configuration asks for that works, but hardly as it is meant; and what to do about it. */
export function configWarnings({ workers, publisherReturn }: ServeConfig): readonly string[] {
  if (workers === 1 || publisherReturn === undefined || publisherReturn.policy === 'refuse') return []
  return [
    `publisherReturn.policy ${publisherReturn.policy} with ${workers} workers: who wants to take a publisher's place is refused where it comes to another worker than that one's; set workers to 1 if nobody must be`,
  ]
}
