/** How a publisher looks; colors are those of the system, light or dark. */
export const publisherStyle = `
:host { display: inline-block; width: 640px; max-width: 100%; color-scheme: light dark; font: 14px/1.4 system-ui, sans-serif; background: Canvas; color: CanvasText }
:host([hidden]), [hidden] { display: none }
video { display: block; width: 100%; aspect-ratio: 16 / 9; background: #000; object-fit: contain }
p { margin: 8px; min-height: 1.4em; overflow-wrap: anywhere }
form { display: flex; flex-wrap: wrap; align-items: end; gap: 8px; margin: 8px }
label { flex: 1 1 150px; min-width: 0 }
select, input { display: block; width: 100%; box-sizing: border-box }
select, input, button { min-height: 36px; padding: 4px 10px; border: 1px solid color-mix(in srgb, CanvasText 60%, transparent); border-radius: 4px; background: Field; color: FieldText; font: inherit }
button { background: ButtonFace; color: ButtonText; cursor: pointer }
button[aria-pressed=true] { background: Highlight; color: HighlightText }
:disabled { opacity: .6; cursor: default }
:focus-visible { outline: 2px solid Highlight; outline-offset: 1px }
div { margin: 8px; font-variant-numeric: tabular-nums }
`
