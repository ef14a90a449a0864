// The rules for components: Salesforce's own, and what Lightning Web Security changes or blocks.
const js = require('@eslint/js');
const locker = require('@locker/eslint-plugin-locker');
const lwc = require('@salesforce/eslint-config-lwc');
const jest = require('eslint-plugin-jest');

const COMPONENTS = ['force-app/**/*.js', 'tests/components/**/*.js'];
const TESTS = ['**/__tests__/**/*.js', 'force-app/test/**/*.js'];
const TOOLS = ['*.js', 'build/**/*.mjs', 'tests/*.mjs', 'tests/platform/*.js'];

const off = (...rules) => Object.fromEntries(rules.map((rule) => [rule, 'off']));

/** What the sandbox blocks or changes is no part of a component. */
const secured = {
  ...Object.fromEntries(
    Object.keys(locker.rules).map((name) => [`@locker/locker/${name}`, 'error']),
  ),
  // The first takes every `.open()` for a window's, a modal's too; the second only refuses text.
  ...off(
    '@locker/locker/distorted-xml-http-request-window-open',
    '@locker/locker/distorted-window-set-timeout',
  ),
};

module.exports = [
  {
    ignores: [
      'force-app/main/default/staticresources/',
      'force-app/main/default/lwc/tokenShared/',
      'force-app/main/default/lwc/tokenText/',
      'tests/built/',
    ],
  },
  ...[...lwc.configs.recommended, ...lwc.configs.i18n].map((config) => ({
    ...config,
    files: COMPONENTS,
  })),
  {
    files: COMPONENTS,
    ignores: TESTS,
    plugins: { '@locker/locker': locker },
    rules: { ...secured, 'no-console': 'error', 'prefer-const': 'error' },
  },
  {
    files: TESTS,
    plugins: { jest },
    languageOptions: {
      globals: { ...jest.environments.globals.globals, require: 'readonly', __dirname: 'readonly' },
    },
    rules: {
      ...jest.configs.recommended.rules,
      ...off('@lwc/lwc/no-async-operation', '@lwc/lwc/no-unexpected-wire-adapter-usages'),
    },
  },
  {
    ...js.configs.recommended,
    files: TOOLS,
    languageOptions: {
      ecmaVersion: 2023,
      globals: Object.fromEntries(
        'Buffer console document fetch globalThis location module process require URL URLSearchParams'
          .split(' ')
          .map((name) => [name, 'readonly']),
      ),
    },
  },
  { files: ['*.js'], languageOptions: { sourceType: 'commonjs' } },
];
