// Starts the page: takes out of the address what a sign-in put there, asks who is signed in and who
// signs people in, loads words and core, shows the app.
import { me, providers } from './api.ts';
import { EgApp } from './app.ts';
import { loadCore } from './load-core.ts';
import { loadWords } from './words.ts';
import { backToPlace, takeCode, takeFailure } from './route.ts';

// First of all, so that the code is in the address for as short as can be.
const code = takeCode();
EgApp.failed = takeFailure();
backToPlace();
EgApp.core = loadCore();
EgApp.visitor = code ?? me();
EgApp.providers = providers();
// Whoever needs them learns of a failure.
for (const answer of [EgApp.core, EgApp.visitor]) {
  Promise.resolve(answer).catch(() => undefined);
}
await loadWords();
customElements.define('eg-app', EgApp);
