// Converts the project as `sf project deploy start` would before it sends it, with the library that
// the command itself uses: what is in no component, or is not whole, is found here. (`package.json`
// holds undici at 6 for it, since later ones need Node 22.)
//
//   node tools/convert.mjs
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import sdr from '@salesforce/source-deploy-retrieve';

const { ComponentSet, MetadataConverter } = sdr;
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const source = here('../force-app/main/default');
const outputDirectory = here('../../../target/salesforce');

/** Salesforce's limits, in bytes. */
const MOST_OF_RESOURCE = 5_000_000;
const MOST_OF_COMPONENT = 128 * 1024;

const set = ComponentSet.fromSource(source);
set.sourceApiVersion = '65.0';
rmSync(outputDirectory, { recursive: true, force: true });
await new MetadataConverter().convert(set, 'metadata', {
  type: 'directory',
  outputDirectory,
  genUniqueDir: false,
});

const files = readdirSync(outputDirectory, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(outputDirectory, join(entry.parentPath, entry.name)));
const mistakes = [];
for (const file of files) {
  const size = statSync(join(outputDirectory, file)).size;
  const most = file.endsWith('.resource') ? MOST_OF_RESOURCE : MOST_OF_COMPONENT;
  if (/\.resource$|^lwc\/.*\.js$/.test(file) && size > most)
    mistakes.push(`${file} has ${size} bytes`);
}
// Each component of the source has come out under its name.
for (const { fullName, type } of set.getSourceComponents()) {
  const name = fullName.split('.').at(-1);
  if (!files.some((file) => file.includes(name))) mistakes.push(`${type.name} ${fullName} is lost`);
}
for (const name of readdirSync(join(source, 'lwc'))) {
  if (!files.includes(`lwc/${name}/${name}.js`))
    mistakes.push(`the component ${name} is not whole`);
}
for (const mistake of mistakes) console.error(mistake);
console.log(`convert: ${set.size} components, ${files.length} files`);
if (mistakes.length > 0 || set.size === 0) process.exit(1);
