// What is kept of a visit: every file of the person's profile, and every place that a script in
// the page can read.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';

/** Half a secret is found, too, and nobody meets so many characters by chance. */
const WINDOW = 12;
/** What a test leaves behind, to prove that the search finds what is kept. */
export const CONTROL = 'KeptOnPurpose4711KeptOnPurpose';

/** What is kept, by place. */
type Kept = Map<string, Buffer>;

/** Every file below a folder, by name. */
export async function filesIn(folder: string): Promise<Kept> {
  const files: Kept = new Map();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    // One may be gone in the meantime: the browser tidies up.
    const bytes = entry.isFile() ? await readFile(path).catch(() => undefined) : undefined;
    if (bytes !== undefined) files.set(path, bytes);
  }
  return files;
}

/** Everything that a script in the page can read without asking the host. */
export async function readableIn(page: Page): Promise<Kept> {
  const places = await page.evaluate(async () => {
    const answer = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.addEventListener('success', () => resolve(request.result));
        request.addEventListener('error', () => reject(request.error ?? new Error('unread')));
      });
    const databases = [];
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await answer(indexedDB.open(name));
      for (const store of database.objectStoreNames) {
        const reader = database.transaction(store).objectStore(store);
        databases.push(store, await answer(reader.getAllKeys()), await answer(reader.getAll()));
      }
      database.close();
    }
    const cached = [];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const { url } of await cache.keys()) {
        cached.push(name, url, await (await cache.match(url))?.text());
      }
    }
    return {
      address: location.href,
      'browser history': navigation.entries().map((entry) => [entry.url, entry.getState()]),
      'history state': history.state,
      'window name': window.name,
      timings: performance.getEntries().map((entry) => entry.name),
      cookies: document.cookie,
      localStorage: Object.entries(localStorage),
      sessionStorage: Object.entries(sessionStorage),
      IndexedDB: databases,
      'Cache Storage': cached,
    };
  });
  const text = (value: unknown) => Buffer.from(JSON.stringify(value) ?? '');
  return new Map(Object.entries(places).map(([place, value]) => [place, text(value)]));
}

/** Leaves the control in all those places. */
export async function leaveControl(page: Page): Promise<void> {
  await page.evaluate(async (control) => {
    history.replaceState(control, '', `#${control}`);
    navigation.updateCurrentEntry({ state: control });
    window.name = control;
    performance.mark(control);
    document.cookie = `control=${control}`;
    localStorage.setItem('control', control);
    sessionStorage.setItem('control', control);
    const opening = indexedDB.open('control');
    opening.addEventListener('upgradeneeded', () => opening.result.createObjectStore('control'));
    await new Promise((opened) => opening.addEventListener('success', opened));
    const writing = opening.result.transaction('control', 'readwrite');
    writing.objectStore('control').put(control, 'control');
    await new Promise((written) => writing.addEventListener('complete', written));
    opening.result.close();
    await (await caches.open('control')).put('/control', new Response(control));
  }, CONTROL);
}

/** The places in which a part of a text is, in one byte for each character or in two. */
export function placesOf(text: string, kept: Kept): string[] {
  const width = Math.min(WINDOW, text.length);
  const starts = Array.from({ length: text.length - width + 1 }, (_, start) => start);
  const parts = starts.map((start) => text.slice(start, start + width));
  const needles = parts.flatMap((part) => [Buffer.from(part), Buffer.from(part, 'utf16le')]);
  const holds = (bytes: Buffer) => needles.some((needle) => bytes.includes(needle));
  return [...kept].filter(([, bytes]) => holds(bytes)).map(([place]) => place);
}
