import type { Awaitable } from '../contract/plugin.ts'

/** Refusals that a login may answer: the request for a login, and the challenge. */
const maxAnswers = 2

/**
 * Connects, and again when the server wants a login: each `attempt` gets what `answer` made of the refusal before.
 *
 * @throws the error of the attempt that had no answer
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
