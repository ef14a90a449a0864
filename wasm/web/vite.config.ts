// How the page is built: what is written as TypeScript becomes small files with hashed names.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { compress } from './build/compress.ts';

// The host that `npm run preview` asks; the page itself always asks where it came from.
const host = process.env['PAGE_HOST'] ?? 'http://127.0.0.1:8080';
// The policy of `host/src/http.rs`, so that what it forbids shows while developing, too.
const policy =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; " +
  "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; " +
  "base-uri 'none'; frame-ancestors 'none'";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  resolve: {
    alias: {
      'exportgate-core': here('../../target/browser/exportgate_core.js'),
      'exportgate-core-fallback': here('../../target/browser/fallback/exportgate_core.js'),
      'exportgate-shared': here('../shared/src'),
      'exportgate-text': here('../../target/text'),
    },
  },
  build: {
    target: 'es2022',
    // Nothing inline: the host's Content-Security-Policy would not allow it.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: true,
    reportCompressedSize: false,
  },
  plugins: [compress()],
  preview: {
    headers: { 'Content-Security-Policy': policy },
    proxy: { '/v1': { target: host } },
  },
});
