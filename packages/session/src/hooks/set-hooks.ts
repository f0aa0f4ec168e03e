import { Hooks } from './hooks.ts'
import type { PlayEvent } from '../contract/plugin.ts'
import type { Source } from '../contract/source.ts'

/** The hooks of plugins that may be replaced. A shared source may have players of other sets: as long as it is open, its plugin is needed. */
export class SetHooks extends Hooks {
  /** Told when a source opens; what it gives is called when that has closed. */
  use: () => () => void = () => () => {}

  override async source(event: Omit<PlayEvent, 'signal'>): Promise<Source | undefined> {
    const source = await super.source(event)
    if (source?.kind !== 'shared') return source
    const { linger = 0, reopen = false } = source
    const open = () => {
      const messages = source.open()
      const release = this.use()
      // Whether it opens again is decided when it has closed.
      messages.once('close', () => setImmediate(release))
      return messages
    }
    return { kind: 'shared', linger, reopen, open }
  }
}
