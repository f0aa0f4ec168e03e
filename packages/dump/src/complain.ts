import type { ComplaintCode } from './complaint-code.ts'

/** A complaint about what is being read. */
export type Complain = (code: ComplaintCode, text: string) => void
