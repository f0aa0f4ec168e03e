/** One thing that is timed within this process. */
export interface MicroTask {
  /** Where its figures go. */
  readonly group: string
  readonly row: string
  readonly reference?: boolean
  /** Does it once. */
  readonly run: () => void | Promise<void>
  /** By column, of the seconds that one run took. */
  readonly figures: Readonly<Record<string, (seconds: number) => number>>
}
