/** Takes the place of what no client uses: `from`, and the option `signal` of streams. */
export {}
