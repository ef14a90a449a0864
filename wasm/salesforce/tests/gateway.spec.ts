// That every method of the gateway reaches a route of the host.
import { expect, somebody, test } from './test.ts';
import { Refusal } from './gateway.ts';

interface Token {
  token_id: string;
  status: string;
  label: string;
}

test('tokens', { tag: '@once' }, async ({ server }) => {
  const user = somebody(server);
  const asked = <T>(method: string, args?: object) => server.apex<T>(user, method, args);
  const { token, secret } = await asked<{ token: Token; secret: string }>('createToken', {
    label: 'Power BI',
  });
  expect(secret).toMatch(/^egt_/);
  await asked('createToken', { label: 'Other', expiresOn: '2099-01-01', expiresAt: null });
  const tokenId = token.token_id;
  expect(await asked<Token>('renameToken', { tokenId, label: 'Sales' })).toMatchObject({
    label: 'Sales',
  });
  const first = await asked<{ items: Token[]; next_cursor: string }>('listTokens', {
    status: 'active',
    label: '',
    pageSize: 1,
  });
  expect(first.items.map(({ label }) => label)).toEqual(['Other']);
  const second = await asked<{ items: Token[] }>('listTokens', {
    status: 'active',
    cursor: first.next_cursor,
    pageSize: 1,
  });
  expect(second.items.map(({ label }) => label)).toEqual(['Sales']);
  expect(await asked<Token>('revokeToken', { tokenId })).toMatchObject({ status: 'revoked' });
  expect(await asked('revokeAllTokens')).toMatchObject({ n_revoked: 1 });
});

test('the policy', { tag: '@once' }, async ({ server }) => {
  const user = somebody(server, 'administrator');
  const asked = <T>(method: string, args?: object) => server.apex<T>(user, method, args);
  const { version } = await asked<{ version: number }>('getPolicy');
  const settings = { maximumExpiryDays: 90, automaticExpiration: false, maximumActiveTokens: 25 };
  expect(await asked('previewPolicy', { ...settings, noticeDays: 7 })).toMatchObject({
    notice_days: 7,
  });
  const changed = await asked<{ version: number }>('changePolicy', { ...settings, version });
  expect(changed).toMatchObject({ maximum_expiry_days: 90 });
  expect(await asked('applyPolicy', { noticeDays: 7, version: changed.version })).toHaveProperty(
    'n_changed',
  );
  const late = asked('changePolicy', { ...settings, version });
  await expect(late).rejects.toThrow(Refusal);
  await expect(late).rejects.toThrow('policy.version_conflict');
});

test('several mistakes come together', { tag: '@once' }, async ({ server }) => {
  const user = somebody(server);
  const refused: unknown = await server
    .apex(user, 'createToken', { label: '', expiresOn: '2001-01-01' })
    .catch((error: unknown) => error);
  const { code, status, errors, detail } = JSON.parse((refused as Refusal).message);
  expect(status).toBe(422);
  expect(detail).toEqual(expect.any(String));
  expect(errors.map((one: { code: string }) => one.code)).toEqual([
    'label.empty',
    'expiry.in_the_past',
  ]);
  expect(code).toEqual(expect.any(String));
});

test('the history and its proofs', { tag: '@once' }, async ({ server }) => {
  const user = somebody(server, 'administrator');
  const asked = <T>(method: string, args?: object) => server.apex<T>(user, method, args);
  await asked('createToken', { label: 'Power BI' });
  const { items } = await asked<{ items: { sequence: number; kind: string }[] }>('listHistory', {
    scope: 'all',
    kind: 'token.created',
    fromDate: '2020-01-01',
    pageSize: 5,
  });
  const event = items[0]!;
  expect(event.kind).toBe('token.created');
  const checkpoint = await asked<object>('getCheckpoint');
  expect(checkpoint).toHaveProperty('checkpoint');
  const size = event.sequence + 1;
  expect(await asked('proveInclusion', { sequence: event.sequence, size })).toHaveProperty('proof');
  expect(await asked('proveConsistency', { fromSize: 1, toSize: size })).toHaveProperty('proof');
  const csv = await server.apexText(user, 'exportHistory', { scope: 'own' });
  expect(csv.split('\n')[0]).toContain('sequence');
});
