// Makes the module `c/tokenShared` from wasm/shared: what the component has in common with the page.
//
//   node build/shared.mjs
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import esbuild from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = here('../force-app/main/default/lwc/tokenShared');

/** Salesforce takes no bigger component. */
const MOST_BYTES = 128 * 1024;

const META = `<?xml version="1.0" encoding="UTF-8"?>
<LightningComponentBundle xmlns="http://soap.sforce.com/2006/04/metadata">
    <apiVersion>65.0</apiVersion>
    <isExposed>false</isExposed>
    <masterLabel>Exportgate shared logic</masterLabel>
</LightningComponentBundle>
`;

const { outputFiles } = await esbuild.build({
  entryPoints: [here('../../shared/src/index.ts')],
  bundle: true,
  format: 'esm',
  target: 'es2022',
  charset: 'utf8',
  write: false,
  logLevel: 'warning',
  tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  banner: { js: '// What page and component have in common. Written by `cargo xtask salesforce`.' },
});
const { text } = outputFiles[0];
if (Buffer.byteLength(text) > MOST_BYTES) throw new Error(`tokenShared has ${text.length} bytes`);
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'tokenShared.js'), text);
writeFileSync(join(folder, 'tokenShared.js-meta.xml'), META);
console.log(`tokenShared.js: ${Buffer.byteLength(text)} bytes`);
