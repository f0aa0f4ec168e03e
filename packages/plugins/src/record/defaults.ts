import type { RecordFormat } from './options.ts'

/** Defaults of `RecordOptions`. */
export const recordDefaults: {
  readonly format: RecordFormat
  readonly name: string
  readonly segment: { readonly atKeyframe: boolean }
  readonly when: 'always'
  readonly whenSlow: 'drop'
} = {
  format: 'flv',
  name: '{app}/{stream}-{date}',
  segment: { atKeyframe: false },
  when: 'always',
  whenSlow: 'drop',
}
