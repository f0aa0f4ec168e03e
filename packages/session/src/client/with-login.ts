import type { Awaitable } from '../contract/plugin.ts'

/** Refusals that a login may answer: the question who we are, and the challenge. */
const maxAnswers = 2

/**
 * Connects as often as a server wants to know who we are: `attempt` is given what `answer` made of the refusal before.
 *
 * @throws what the attempt threw that there was no answer to
 */
export async function withLogin<T>(
  attempt: (login?: string) => Promise<T>,
  answer: (refusal: unknown) => Awaitable<string | undefined>,
): Promise<T> {
  let login: string | undefined
  for (let answers = 0; ; answers += 1) {
    try {
      return await attempt(login)
    } catch (refusal) {
      login = answers < maxAnswers ? await answer(refusal) : undefined
      if (login === undefined) throw refusal
    }
  }
}

/** The same application, or its URL, with one more query. */
export function withQuery(text: string, query: string | undefined): string {
  return query === undefined ? text : `${text}${text.includes('?') ? '&' : '?'}${query}`
}
