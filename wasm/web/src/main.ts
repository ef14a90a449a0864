// Starts the page: takes a sign-in code out of the address, loads words and core, shows the app.
import { EgApp } from './app.ts';
import { loadCore } from './load-core.ts';
import { loadWords } from './words.ts';
import { takeCode } from './route.ts';

// First of all, so that the code is in the address for as short as can be.
const code = takeCode();
EgApp.core = loadCore();
// Whoever needs it learns of a failure.
EgApp.core.catch(() => undefined);
EgApp.code = code;
await loadWords();
customElements.define('eg-app', EgApp);
