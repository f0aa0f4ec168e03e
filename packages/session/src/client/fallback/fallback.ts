/** Other ways to a server; in browsers, where there is one alone, it is fallback.browser.ts. */
export { FallbackList } from './fallback-list.ts'
export { firstToAnswer } from './first-to-answer.ts'
