// Loads the core: as WebAssembly, or as plain JavaScript where a browser does not let that run, as
// Apple's Lockdown Mode and some companies' rules do not.
import start, * as wasm from 'exportgate-core';
import { type Door, useCore } from 'exportgate-shared/core.ts';
import { Problem } from 'exportgate-shared/problem.ts';

/** Loads the core; every screen but sign-in waits for it. */
export async function loadCore(): Promise<void> {
  useCore(await load());
}

async function load(): Promise<Door> {
  try {
    await start();
    return wasm;
  } catch {
    return import('exportgate-core-fallback').catch((error: unknown) => {
      throw new Problem(0, 'core.unavailable', String(error));
    });
  }
}
