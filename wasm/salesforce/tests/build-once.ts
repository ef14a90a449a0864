// Builds the pages before the tests run.
import { build } from './build.mjs';

export default async function setup(): Promise<void> {
  if (process.env['PAGE_TEST_BUILT'] === undefined) await build();
}
