// Builds the pages that the browser tests open, into `target/lightning`: the components of
// `force-app` as one script, and around them what Salesforce brings: the LWC engine with synthetic
// shadow, the real base components, labels, user settings, Lightning Web Security.
//
//   node tests/build.mjs
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import lwc from '@lwc/rollup-plugin';
import replace from '@rollup/plugin-replace';
import esbuild from 'esbuild';
import { rollup } from 'rollup';
import { labels } from './labels.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const SOURCE = here('../force-app/main/default');
const BUILT = here('../../../target/lightning');
/** Inside this package, since LWC's resolver refuses what is in none. */
const MODULES = here('built/modules');
const APEX = '@salesforce/apex/';

/** Components that an administrator can place on a page. */
function exposed() {
  return readdirSync(join(SOURCE, 'lwc')).filter((name) => {
    const file = join(SOURCE, 'lwc', name, `${name}.js-meta.xml`);
    return existsSync(file) && readFileSync(file, 'utf8').includes('<isExposed>true</isExposed>');
  });
}

/** A folder `c` with every component: Rollup's plugin takes a namespace from a folder's name. */
function link() {
  mkdirSync(MODULES, { recursive: true });
  symlinkSync(join(SOURCE, 'lwc'), join(MODULES, 'c'));
}

/** A module per answer of `sources`, which makes text of a module's name. */
function virtual(name, source) {
  return {
    name,
    resolveId: (id) => (source(id) === undefined ? null : `\0${id}`),
    load: (id) => (id.startsWith('\0') ? (source(id.slice(1)) ?? null) : null),
  };
}

function warn(warning, next) {
  // The package's own circles, and what its generated code says about `this`.
  const known = ['CIRCULAR_DEPENDENCY', 'THIS_IS_UNDEFINED', 'EVAL'];
  if (known.includes(warning.code) || warning.id?.includes('lightning-base-components')) return;
  if (warning.loc?.file?.includes('lightning-base-components')) return;
  next(warning);
}

/** The components as an AMD module; answers the names of what they import from the platform. */
async function components(file, secured) {
  const names = exposed();
  const entry = names.map((name) => `export { default as ${name} } from 'c/${name}';`).join('\n');
  const bundle = await rollup({
    input: 'entry',
    preserveSymlinks: true,
    external: (id) => !/^(c\/|\.|\/|\0|entry$|@lwc\/resources)/.test(id),
    plugins: [
      virtual('entry', (id) => (id === 'entry' ? entry : undefined)),
      lwc({
        rootDir: MODULES,
        enableLightningWebSecurityTransforms: secured,
        enableDynamicComponents: true,
        enableLwcSpread: true,
        enableLwcOn: true,
      }),
    ],
    onwarn(warning) {
      throw new Error(
        `${warning.message} ${warning.loc ? `${warning.loc.file}:${warning.loc.line}` : ''}`,
      );
    },
  });
  const { output } = await bundle.write({
    file: join(BUILT, file),
    format: 'amd',
    exports: 'named',
    interop: 'esModule',
    freeze: false,
    inlineDynamicImports: true,
  });
  return output[0].imports;
}

const setting = (name) => `export default globalThis.lightningPage.${name};`;

/** What Salesforce makes for an organization, a user or a page. */
function ofPlatform(id) {
  const own = {
    'lightning/platformResourceLoader': 'platformResourceLoader.js',
  }[id];
  if (own !== undefined) return readFileSync(here(`platform/${own}`), 'utf8');
  // The open gate asks for ElementInternals, which synthetic shadow does not have.
  if (id === '@salesforce/gate/bc.260.enableComboboxElementInternals') {
    return 'export default { isOpen: () => false };';
  }
  const label = /^@salesforce\/label\/c\.(\w+)$/.exec(id)?.[1];
  if (label !== undefined) {
    const found = labels(SOURCE, label);
    return `export default (${JSON.stringify(found)})[globalThis.lightningPage.language];`;
  }
  if (id.startsWith(APEX)) {
    const [, method] = id.slice(APEX.length).split('.');
    if (method === undefined) return undefined;
    return `export default (args) => globalThis.apexGateway(${JSON.stringify(method)}, args);`;
  }
  const resource = /^@salesforce\/resourceUrl\/(\w+)$/.exec(id)?.[1];
  if (resource !== undefined) return `export default '/resource/1/${resource}';`;
  const permission = /^@salesforce\/customPermission\/(\w+)$/.exec(id)?.[1];
  if (permission !== undefined) {
    return `export default globalThis.lightningPage.permissions.includes('${permission}') || undefined;`;
  }
  if (id === '@salesforce/user/Id') return setting('userId');
  if (id === '@salesforce/client/formFactor') return setting('formFactor');
  const i18n = /^@salesforce\/i18n\/([\w.]+)$/.exec(id)?.[1];
  if (I18N.has(i18n)) return `export default globalThis.lightningPage.i18n['${i18n}'];`;
  return undefined;
}

/** What differs between users; everything else of `@salesforce/i18n` comes with the package. */
const I18N = new Set([
  'lang',
  'locale',
  'timeZone',
  'firstDayOfWeek',
  'dateTime.shortDateFormat',
  'dateTime.mediumDateFormat',
  'dateTime.longDateFormat',
  'dateTime.shortDateTimeFormat',
  'dateTime.mediumDateTimeFormat',
  'dateTime.longDateTimeFormat',
  'dateTime.shortTimeFormat',
  'dateTime.mediumTimeFormat',
  'number.decimalSeparator',
  'number.groupingSeparator',
]);

/** Everything that the components import, and the program that puts them on the page. */
async function platform(imports) {
  const names = [...new Set([...imports, 'lwc'])];
  const entry = [
    // The shadow has to be there before the engine.
    `import '@lwc/synthetic-shadow';`,
    ...names.map((name, n) => `import * as module${n} from '${name}';`),
    `import { start } from ${JSON.stringify(here('platform/page.js'))};`,
    `start({ ${names.map((name, n) => `'${name}': module${n}`).join(', ')} });`,
  ].join('\n');
  const bundle = await rollup({
    input: 'entry',
    plugins: [
      virtual('platform', (id) => (id === 'entry' ? entry : ofPlatform(id))),
      replace({
        preventAssignment: true,
        values: {
          'import.meta.env.SSR': 'false',
          'process.env.NODE_ENV': '"development"',
          'process.env.IS_BROWSER': 'true',
        },
      }),
      lwc({
        rootDir: MODULES,
        exclude: ['**/tests/platform/page.js'],
        modules: [{ npm: 'lightning-base-components' }],
        enableDynamicComponents: true,
        enableLwcSpread: true,
        enableLwcOn: true,
      }),
    ],
    onwarn: warn,
  });
  await bundle.write({
    file: join(BUILT, 'platform.js'),
    format: 'iife',
    inlineDynamicImports: true,
  });
}

/** Lightning Web Security, as the package has it. */
async function security() {
  const sandbox = createRequire(import.meta.url).resolve('@locker/sandbox');
  // Each of the packages has a copy of its own; the switches are in it, so that there must be one.
  const shared = createRequire(sandbox).resolve('@locker/shared').replace('index.cjs', 'index.mjs');
  await esbuild.build({
    entryPoints: [here('platform/security.js')],
    outfile: join(BUILT, 'security.js'),
    alias: { '@locker/shared': shared },
    bundle: true,
    format: 'iife',
    target: 'es2022',
    mainFields: ['module', 'main'],
    logLevel: 'warning',
  });
}

export async function build() {
  if (!existsSync(join(SOURCE, 'staticresources/exportgateCore/plain.js'))) {
    throw new Error('the static resource is not there: cargo xtask salesforce');
  }
  rmSync(MODULES, { recursive: true, force: true });
  mkdirSync(BUILT, { recursive: true });
  link();
  const [imports] = await Promise.all([
    components('components.js', false),
    components('components.secured.js', true),
  ]);
  // This takes half a minute and depends on no component, only on what they import.
  const stamp = join(BUILT, 'platform.stamp');
  const made = sources(imports);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === made) return;
  await Promise.all([platform(imports), security()]);
  writeFileSync(stamp, made);
}

/** The hash of everything that the platform's scripts are made from. */
function sources(imports) {
  const hash = createHash('sha256').update(imports.join());
  const folder = here('platform');
  for (const file of [
    here('build.mjs'),
    here('labels.mjs'),
    here('../package-lock.json'),
    join(SOURCE, 'labels/CustomLabels.labels-meta.xml'),
    join(SOURCE, 'translations/de.translation-meta.xml'),
    ...readdirSync(folder)
      .sort()
      .map((name) => join(folder, name)),
  ]) {
    hash.update(readFileSync(file));
  }
  return hash.digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const start = Date.now();
  await build();
  console.log(`built ${BUILT} in ${Date.now() - start} ms`);
}
