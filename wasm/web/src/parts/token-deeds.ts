// What can be done to a token, each in a window of its own: rename, revoke, revoke all.
import { html } from 'lit';
import { judgeLabel } from 'exportgate-shared/core.ts';
import { mistakeWords } from 'exportgate-shared/errors.ts';
import type { Token } from 'exportgate-shared/shapes.ts';
import { t, tn } from 'exportgate-shared/text.ts';
import { revocationWords } from 'exportgate-shared/tokens.ts';
import * as api from '../api.ts';
import { askInDialog } from './dialog.ts';

/** Asks for a new label; the renamed token, or nothing. */
export async function rename(token: Token): Promise<Token | undefined> {
  let label = token.label;
  let renamed: Token | undefined;
  const mistake = () => judgeLabel(label);
  const body = {
    // Drawn anew at each letter, so what is wrong is read anew.
    get template() {
      const wrong = mistake();
      return html`<label for="new-label">${t('label')}</label>
        <input id="new-label" data-first .value=${label} autocomplete="off"
          aria-invalid=${wrong !== undefined} aria-describedby="new-label-mistake"
          @input=${(event: Event) => (label = (event.target as HTMLInputElement).value)} />
        <p id="new-label-mistake" class="mistake" role="status">${wrong ? mistakeWords(wrong) : ''}</p>`;
    },
  };
  await askInDialog({
    title: t('rename.title'),
    get body() {
      return body.template;
    },
    confirm: t('rename.do'),
    ready: () => mistake() === undefined,
    act: async () => {
      renamed = await api.renameToken(token.token_id, label);
    },
  });
  return renamed;
}

/** Says what will stop working and asks; the revoked token, or nothing. */
export async function revoke(token: Token): Promise<Token | undefined> {
  let revoked: Token | undefined;
  await askInDialog({
    title: t('revoke.title', { label: token.label }),
    body: html`${revocationWords(token).map((words) => html`<p>${words}</p>`)}`,
    confirm: t('revoke.do'),
    danger: true,
    act: async () => {
      revoked = await api.revokeToken(token.token_id);
    },
  });
  return revoked;
}

/** Asks for the number of active tokens and revokes them; how many, or nothing. */
export async function revokeAll(nActive: number): Promise<number | undefined> {
  let n: number | undefined;
  await askInDialog({
    title: t('revoke_all.title'),
    body: html`<p>${tn('revoke_all.stops', nActive)}</p><p>${t('revoke.for_ever')}</p>
      <label for="count">${t('revoke_all.type', { n: nActive })}</label>
      <input id="count" data-first inputmode="numeric" autocomplete="off" class="short" />`,
    confirm: t('revoke_all.do'),
    danger: true,
    ready: (dialog) =>
      dialog.querySelector<HTMLInputElement>('#count')?.value.trim() === String(nActive),
    act: async () => {
      n = (await api.revokeAll()).n_revoked;
    },
  });
  return n;
}
