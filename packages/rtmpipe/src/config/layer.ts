import type { Path, Settings } from './path.ts'
import type { Problem } from './problem.ts'

/** One of the places that settings come from. */
export interface Layer {
  readonly settings: Settings
  /** What is wrong already when it is read: what can't be put into settings at all. */
  readonly problems: readonly string[]
  /** One line of what is wrong with a setting that comes from here, with the place. */
  tell(problem: Problem): string
  /** Where a setting is that comes from here, for somebody to find it. */
  placeOf(path: Path): string
}

/** Where no other has a say. */
export class DefaultLayer implements Layer {
  readonly problems: readonly string[] = []
  readonly settings: Settings

  constructor(settings: Settings) {
    this.settings = settings
  }

  tell({ text }: Problem): string {
    return text
  }

  placeOf(): string {
    return 'default'
  }
}
