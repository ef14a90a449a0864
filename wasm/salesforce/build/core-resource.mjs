// Makes the static resource `exportgateCore` from the browser module: `wasm.js` carries the
// WebAssembly inside, `plain.js` is the same core as plain JavaScript for where that is blocked.
//
//   node build/core-resource.mjs [target/browser] [staticresources/exportgateCore]
//
// Each script puts `exportgateCore` on `globalThis`: `form`, `ready`, and a function per verb. It
// has to be there, since Lightning Web Security keeps a script's own variables to itself.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import esbuild from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const [
  browser = here('../../../target/browser'),
  folder = here('../force-app/main/default/staticresources/exportgateCore'),
] = process.argv.slice(2).map((path) => resolve(path));

/** A static resource is at most 5 MB; scripts that people wait for should be far smaller. */
const MOST_BYTES = 1_000_000;
/** The module's starters, which a component has no use for. */
const STARTERS = ['default', 'initSync'];

/** The names of the functions that a module exports. */
async function verbs(module) {
  const { metafile } = await esbuild.build({
    entryPoints: [module],
    bundle: true,
    format: 'esm',
    write: false,
    metafile: true,
    outdir: 'unused',
    logLevel: 'error',
    define: { 'import.meta.url': '""' },
  });
  const names = Object.values(metafile.outputs)[0].exports;
  return names.filter((name) => !STARTERS.includes(name)).sort();
}

/** `WebAssembly.compile` and no more: neither fetching nor streaming, which Lightning refuses. */
const wasm = (names) => `
import { initSync, ${names} } from './exportgate_core.js';
import bytes from './exportgate_core_bg.wasm';
const ready = WebAssembly.compile(bytes).then((module) => { initSync({ module }); });
// Whoever waits for it hears of a failure; the console needs not.
ready.catch(() => {});
globalThis.exportgateCore = { form: 'wasm', ready, ${names} };
`;

const plain = (names) => `
import { ${names} } from './fallback/exportgate_core.js';
globalThis.exportgateCore = { form: 'plain', ready: Promise.resolve(), ${names} };
`;

async function script(contents) {
  const { outputFiles } = await esbuild.build({
    stdin: { contents, resolveDir: browser, loader: 'js' },
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    define: { 'import.meta.url': '""' },
    write: false,
    loader: { '.wasm': 'binary' },
    banner: { js: '/* Generated from the Exportgate core; MIT OR Apache-2.0. */' },
    logLevel: 'warning',
  });
  return outputFiles[0].text;
}

const names = await verbs(join(browser, 'exportgate_core.js'));
const ofPlain = await verbs(join(browser, 'fallback/exportgate_core.js'));
if (names.join() !== ofPlain.join()) {
  throw new Error(`the two forms differ: ${names} and ${ofPlain}`);
}
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const [name, source] of [
  ['wasm.js', wasm(names)],
  ['plain.js', plain(names)],
]) {
  const text = await script(source);
  for (const word of ['fetch(', 'instantiateStreaming', 'import.meta', 'new Worker']) {
    if (text.includes(word)) throw new Error(`${name} has \`${word}\``);
  }
  if (text.length > MOST_BYTES) throw new Error(`${name} has ${text.length} bytes`);
  writeFileSync(join(folder, name), text);
  console.log(
    `${name}: ${Buffer.byteLength(text)} bytes, ${gzipSync(text, { level: 9 }).length} gzip`,
  );
}
