const NOW = '2027-03-31T12:00:00Z';
const policy = { maximum_expiry_days: 30, automatic_expiration: true, maximum_active_tokens: 25 };
const { WebAssembly } = globalThis;

/** The module and its loader anew, as on a page that is loaded anew. */
function newPage() {
  const page = {};
  jest.isolateModules(() => {
    Object.assign(page, require('lightning/platformResourceLoader'), require('c/tokenCore'));
  });
  /** The addresses that were loaded, without the folder. */
  page.asked = () => page.loadScript.mock.calls.map(([, address]) => address.split('/')[1]);
  return page;
}

function expectToJudge(core) {
  const judge = (draft) => core.judge_draft({ draft, policy, n_active: 0, now: NOW });
  expect(judge({ label: ' Übersicht 😀 ' })).toEqual({
    accepted: {
      label: 'Übersicht 😀',
      expires_at: '2027-05-01T00:00:00Z',
      latest_allowed: '2027-05-01T00:00:00Z',
    },
  });
  const { refused } = judge({ label: '', expires_on: '2027-06-01' });
  expect(refused.errors.map(({ code }) => code)).toEqual(['label.empty', 'expiry.beyond_maximum']);
}

describe('c-token-core', () => {
  afterEach(() => {
    globalThis.WebAssembly = WebAssembly;
    delete globalThis.exportgateCore;
  });

  it('judges a draft with WebAssembly', async () => {
    const { loadCore, asked } = newPage();
    const core = await loadCore({});
    expect(core.form).toBe('wasm');
    expectToJudge(core);
    expect(asked()).toEqual(['wasm.js']);
  });

  it('judges the same draft with plain JavaScript where WebAssembly is not there', async () => {
    delete globalThis.WebAssembly;
    const { loadCore, asked } = newPage();
    const core = await loadCore({});
    expect(core.form).toBe('plain');
    expectToJudge(core);
    expect(asked()).toEqual(['wasm.js', 'plain.js']);
  });

  it.each(['wasm', 'plain'])('answers rightly as %s after its memory grew', async (form) => {
    if (form === 'plain') {
      delete globalThis.WebAssembly;
    }
    const core = await newPage().loadCore({});
    expect(core.form).toBe(form);
    for (const megabytes of [2, 5, 11]) {
      const draft = { label: 'ü'.repeat(megabytes * 1024 * 1024) };
      const { refused } = core.judge_draft({ draft, policy, n_active: 0, now: NOW });
      expect(refused.errors[0].code).toBe('label.too_long');
      expectToJudge(core);
    }
  });

  it('falls back when WebAssembly is blocked', async () => {
    const blocked = new WebAssembly.CompileError('blocked by Content Security Policy');
    globalThis.WebAssembly = { compile: () => Promise.reject(blocked) };
    expect((await newPage().loadCore({})).form).toBe('plain');
  });

  it('falls back when WebAssembly starts and answers wrongly', async () => {
    globalThis.WebAssembly = {
      compile: async () => ({}),
      Module: Object,
      Instance: class {
        exports = { __wbindgen_start() {}, __wbindgen_externrefs: { grow() {}, set() {} } };
      },
    };
    expect((await newPage().loadCore({})).form).toBe('plain');
  });

  it('loads once for all components of a page', async () => {
    const { loadCore, asked } = newPage();
    const [one, other] = await Promise.all([loadCore({}), loadCore({})]);
    expect(one).toBe(other);
    expect(await loadCore({})).toBe(one);
    expect(asked()).toEqual(['wasm.js']);
  });

  it('rejects with a code when both forms fail, and can be asked again', async () => {
    const { loadCore, load, asked } = newPage();
    load.refuse(/\.js/);
    const failed = loadCore({});
    expect(loadCore({})).toBe(failed);
    await expect(failed).rejects.toMatchObject({
      code: 'core.unavailable',
      message: expect.stringMatching(/wasm\.js is not to be had; .*plain\.js is not to be had/),
    });
    load.refuse(undefined);
    expect((await loadCore({})).form).toBe('wasm');
    expect(asked()).toEqual(['wasm.js', 'plain.js', 'wasm.js?attempt=2']);
  });
});
