/** Milliseconds as playlists have them. */
export function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3)
}
