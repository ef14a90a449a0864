// What every Jest test has: the accessibility matcher, and the browser functions that jsdom lacks.
const { TextDecoder, TextEncoder } = require('util');
const { registerSa11yMatcher } = require('@sa11y/jest');

Object.assign(globalThis, { TextDecoder, TextEncoder });
registerSa11yMatcher();
