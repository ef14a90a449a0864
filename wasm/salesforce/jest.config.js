// How the components are tested in Node: against mocks of the platform, and with the real core.
const { jestConfig } = require('@salesforce/sfdx-lwc-jest/config');

module.exports = {
  ...jestConfig,
  setupFilesAfterEnv: [...jestConfig.setupFilesAfterEnv, '<rootDir>/force-app/test/jest-setup.js'],
  moduleNameMapper: {
    '^c/tokenText$': '<rootDir>/force-app/test/token-text.js',
    '^lightning/(confirm|modal|platformResourceLoader|toast)$':
      '<rootDir>/force-app/test/jest-mocks/lightning/$1',
  },
  modulePathIgnorePatterns: ['<rootDir>/tests/'],
  testPathIgnorePatterns: [...jestConfig.testPathIgnorePatterns, '<rootDir>/tests/'],
};
