import { isCancel, text } from '@clack/prompts'
import type { Readable, Writable } from 'node:stream'

const suggestion = 'my-server'

/**
 * Asks for the folder of a new project until `complaint` has none.
 *
 * @returns nothing when the user gives up
 */
export async function askFolder(
  input: Readable,
  output: Writable,
  complaint: (path: string) => string | undefined,
): Promise<string | undefined> {
  const answer = await text({
    message: 'Which folder is the new project to be in?',
    placeholder: suggestion,
    defaultValue: suggestion,
    validate: value => complaint(value === undefined || value === '' ? suggestion : value),
    input,
    output,
  })
  return isCancel(answer) ? undefined : answer
}
