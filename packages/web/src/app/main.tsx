import { render } from 'preact'
import 'uplot/dist/uPlot.min.css'
import './style.css'
import { App } from './app.tsx'
import { followPlace } from './state/place.ts'
import { askSession, session } from './state/session.ts'
import { followTheme } from './state/theme.ts'

followTheme()
followPlace()
render(<App />, document.body)
// Who can't be asked is asked for the token: signing in then says what is wrong.
if (!(await askSession())) session.value = null
