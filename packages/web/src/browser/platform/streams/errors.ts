/** The errors of `readable-stream`: the same codes, in fewer words. */
const words = {
  ERR_INVALID_ARG_TYPE: 'an argument has a wrong type',
  ERR_INVALID_ARG_VALUE: 'an argument has a wrong value',
  ERR_METHOD_NOT_IMPLEMENTED: 'a method is not implemented',
  ERR_MULTIPLE_CALLBACK: 'a callback was called twice',
  ERR_OUT_OF_RANGE: 'a value is out of range',
  ERR_STREAM_ALREADY_FINISHED: 'the stream has finished already',
  ERR_STREAM_CANNOT_PIPE: 'the stream is not readable',
  ERR_STREAM_DESTROYED: 'the stream was destroyed',
  ERR_STREAM_NULL_VALUES: 'null can not be written',
  ERR_STREAM_PREMATURE_CLOSE: 'premature close',
  ERR_STREAM_PUSH_AFTER_EOF: 'push after the end',
  ERR_STREAM_UNSHIFT_AFTER_END_EVENT: 'unshift after the end',
  ERR_STREAM_WRITE_AFTER_END: 'write after end',
  ERR_UNKNOWN_ENCODING: 'unknown encoding',
}

type Code = keyof typeof words
type CodedError = new (...details: unknown[]) => Error & { readonly code: Code }

/** A class for each code. What is wrong comes as `details`: names of arguments and methods. */
export const codes = Object.fromEntries(
  Object.entries(words).map(([code, sentence]) => [code, codedError(code as Code, sentence)]),
) as Record<Code, CodedError>

function codedError(code: Code, sentence: string): CodedError {
  return class extends Error {
    readonly code: Code = code

    constructor(...[detail]: unknown[]) {
      super(typeof detail === 'string' ? `${sentence}: ${detail}` : sentence)
    }
  }
}

export class AbortError extends Error {
  override readonly name = 'AbortError'
  readonly code = 'ABORT_ERR'

  constructor(message = 'The operation was aborted', options?: ErrorOptions) {
    super(message, options)
  }
}

/** Both errors as one, where there are two. */
export function aggregateTwoErrors(
  inner: Error | null | undefined,
  outer: Error | null | undefined,
): Error | null | undefined {
  if (!inner || !outer || inner === outer) return inner ?? outer
  return Object.assign(new AggregateError([outer, inner], outer.message), 'code' in outer && { code: outer.code })
}
