/** Bits of a time, in milliseconds: it begins anew each 49 days. */
const bits = 32

/**
 * What pages share that paint times and read them back: a picture tells when it was painted, by 32 bars and 8 that check
 * them, black or white, from the left.
 */
export const barCode = `
const bars = ${bits} + 8
const sum = time => (time ^ (time >>> 8) ^ (time >>> 16) ^ (time >>> 24)) & 0xff
function paintBars(context, time, width, height) {
  const low = time % 2 ** 32
  for (let bar = 0; bar < bars; bar++) {
    const bit = bar < 32 ? (low >>> bar) & 1 : (sum(low) >>> (bar - 32)) & 1
    context.fillStyle = bit ? '#fff' : '#000'
    context.fillRect((bar * width) / bars, 0, width / bars, height / 8)
  }
}
/** Milliseconds from the painting to now; undefined if there is no code. */
function readBars(context, width, height) {
  const row = context.getImageData(0, Math.floor(height / 16), width, 1).data
  let [low, check] = [0, 0]
  for (let bar = 0; bar < bars; bar++) {
    const bit = row[4 * Math.floor(((bar + 0.5) * width) / bars) + 1] > 128 ? 1 : 0
    if (bar < 32) low |= bit << bar
    else check |= bit << (bar - 32)
  }
  low >>>= 0
  if (low === 0 || sum(low) !== check) return undefined
  return low
}
`
