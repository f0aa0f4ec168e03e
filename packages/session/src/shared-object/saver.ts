/** Saves something that changes often: not at each change, and only one save at a time. */
export class Saver {
  readonly #save: () => Promise<void>
  readonly #delay: number
  readonly #failed: (error: unknown) => void
  #isDirty = false
  #timer: NodeJS.Timeout | undefined
  #isSaving = false
  #isStopped = false
  #saving: Promise<void> = Promise.resolve()

  /** @param delay milliseconds from the first change to its saving */
  constructor(save: () => Promise<void>, delay: number, failed: (error: unknown) => void) {
    this.#save = save
    this.#delay = delay
    this.#failed = failed
  }

  /** Something has changed. */
  schedule(): void {
    if (this.#isStopped) return
    this.#isDirty = true
    this.#timer ??= setTimeout(() => void this.flush(), this.#delay)
  }

  /** Resolves when all changes up to now are saved, or saving has failed; the next call tries again. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    // A save that is running notices by itself that something has changed again.
    if (!this.#isSaving) this.#saving = this.#run()
    return this.#saving
  }

  /** Nothing is saved from now on; a save that is running goes on. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#isStopped = true
  }

  async #run(): Promise<void> {
    this.#isSaving = true
    try {
      while (this.#isDirty && !this.#isStopped) {
        this.#isDirty = false
        await this.#save()
      }
    } catch (error) {
      this.#isDirty = true
      this.#failed(error)
    } finally {
      this.#isSaving = false
    }
  }
}
