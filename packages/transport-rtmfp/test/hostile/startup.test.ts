import { hostile } from '../support/hostile.ts'
import { broken } from './startup/broken.ts'
import { cookies } from './startup/cookies.ts'
import { fragments } from './startup/fragments.ts'
import { keyings } from './startup/keyings.ts'
import { questions } from './startup/questions.ts'

// One server gets them all, one after the other: what one leaves behind would show in those after it.
hostile('start-up', [...questions, ...cookies, ...keyings, ...broken, ...fragments], { patience: 2_000 })
