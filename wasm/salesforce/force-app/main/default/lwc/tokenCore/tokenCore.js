// The component's one door to the core: loads it as WebAssembly, and as plain JavaScript where that
// is blocked (a strict Content-Security-Policy, Lightning Web Security's maximum-performance mode).
import { loadScript } from 'lightning/platformResourceLoader';
import RESOURCE from '@salesforce/resourceUrl/exportgateCore';

/** What all components of a page share. */
let loading;
/** A script that failed is remembered by its address: trying again takes another one. */
let nAttempts = 0;

/**
 * The core's functions, with `form`: `wasm` or `plain`. Rejects with `code` `core.unavailable` when
 * neither form starts; the next call tries again.
 */
export function loadCore(component) {
  if (!loading) {
    nAttempts += 1;
    loading = start(component);
    loading.catch(() => {
      loading = undefined;
    });
  }
  return loading;
}

async function start(component) {
  let ofWasm;
  try {
    return await startAs('wasm', component);
  } catch (error) {
    ofWasm = error;
  }
  try {
    return await startAs('plain', component);
  } catch (error) {
    const message = `the core does not start: ${wordsOf(ofWasm)}; ${wordsOf(error)}`;
    throw Object.assign(new Error(message), { code: 'core.unavailable' });
  }
}

async function startAs(form, component) {
  const query = nAttempts > 1 ? `?attempt=${nAttempts}` : '';
  await loadScript(component, `${RESOURCE}/${form}.js${query}`);
  const core = globalThis.exportgateCore;
  if (core?.form !== form) {
    throw new Error(`${form}.js brought no core`);
  }
  await core.ready;
  // Ready is not enough: under some sandboxes a module starts and its calls fail.
  if (core.inspect_secret('x').form !== false) {
    throw new Error(`${form}.js answers wrongly`);
  }
  return core;
}

function wordsOf(error) {
  return error?.message ?? String(error);
}
