// Starts the page: takes a sign-in code out of the address, or asks who is signed in, loads words
// and core, shows the app.
import { me } from './api.ts';
import { EgApp } from './app.ts';
import { loadCore } from './load-core.ts';
import { loadWords } from './words.ts';
import { takeCode } from './route.ts';

// First of all, so that the code is in the address for as short as can be.
const code = takeCode();
EgApp.core = loadCore();
EgApp.visitor = code ?? me();
// Whoever needs them learns of a failure.
for (const answer of [EgApp.core, EgApp.visitor]) {
  Promise.resolve(answer).catch(() => undefined);
}
await loadWords();
customElements.define('eg-app', EgApp);
