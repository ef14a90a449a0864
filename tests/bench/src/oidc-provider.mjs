// npm's oidc-provider with its memory adapter, as an introspection endpoint: what people run today.
// Prints its address and an access token as one line of JSON.
import { createRequire } from 'node:module';

const require = createRequire(`${process.argv.at(-1)}/package.json`);
const { Provider } = await import(require.resolve('oidc-provider'));

const provider = new Provider('http://127.0.0.1', {
  clients: [
    {
      client_id: 'bench',
      client_secret: 'bench-secret',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    },
  ],
  features: {
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    devInteractions: { enabled: false },
  },
});
const server = provider.listen(0, '127.0.0.1', async () => {
  const url = `http://127.0.0.1:${server.address().port}`;
  const answer = await fetch(`${url}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa('bench:bench-secret')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  const { access_token: token } = await answer.json();
  console.log(JSON.stringify({ url, token }));
});
