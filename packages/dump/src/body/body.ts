import type { PlainValue } from '../plain-value.ts'

/** What a message says, as JSON has it. */
export type Body = { readonly [key: string]: PlainValue }

/** A body that can not be read. */
export const unreadable: Body = {}
