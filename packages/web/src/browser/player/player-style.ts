/** How a player looks; colors are those of the system, light or dark. */
export const playerStyle = `
:host { display: inline-block; position: relative; width: 640px; max-width: 100%; aspect-ratio: 16 / 9; background: #000; color-scheme: light dark; font: 14px/1.4 system-ui, sans-serif; overflow: hidden }
:host([hidden]) { display: none }
:host(:fullscreen) { width: 100%; height: 100%; aspect-ratio: auto }
:host(:focus-visible), :focus-visible { outline: 2px solid Highlight; outline-offset: -2px }
canvas { display: block; width: 100%; height: 100%; object-fit: contain }
p { position: absolute; inset: 12px 0 auto; margin: 0 auto; width: fit-content; max-width: 90%; box-sizing: border-box; padding: 6px 12px; border-radius: 6px; overflow-wrap: anywhere }
p, div { background: color-mix(in srgb, Canvas 85%, transparent); color: CanvasText }
p:empty { padding: 0 }
div { position: absolute; inset: auto 0 0; display: flex; align-items: center; gap: 2px; padding: 2px 6px }
button { flex: none; width: 36px; height: 36px; padding: 8px; border: 0; border-radius: 4px; background: none; color: inherit; cursor: pointer }
button:hover { background: color-mix(in srgb, CanvasText 15%, transparent) }
svg { display: block; width: 20px; height: 20px; fill: currentColor }
input { flex: 0 1 80px; min-width: 40px }
output { flex: 1; text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap }
[hidden] { display: none }
`
