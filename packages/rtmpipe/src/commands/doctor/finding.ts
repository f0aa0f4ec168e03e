/** Something that was looked at, and how it is. What is not fine comes with what to do about it. */
export type Finding = { readonly check: Check; readonly text: string } & (
  | { readonly level: 'fine' }
  | { readonly level: 'warning' | 'problem'; readonly advice: string }
)

/** What is looked at. */
export type Check =
  | 'configuration'
  | 'port'
  | 'certificate'
  | 'clock'
  | 'file limit'
  | 'folder'
  | 'relay'
  | 'callback'
  | 'cluster'

export function fine(check: Check, text: string): Finding {
  return { check, level: 'fine', text }
}

/** It works, and may not always. */
export function warning(check: Check, text: string, advice: string): Finding {
  return { check, level: 'warning', text, advice }
}

/** It does not work. */
export function problem(check: Check, text: string, advice: string): Finding {
  return { check, level: 'problem', text, advice }
}
