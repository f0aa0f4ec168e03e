/** Lets Node end though the timer runs. In a browser, where a timer is a number, there is no need. */
export function unref(timer: NodeJS.Timeout): NodeJS.Timeout {
  return typeof timer === 'object' ? timer.unref() : timer
}
