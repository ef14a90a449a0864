// Says in a sentence what a history event tells.
import { both, exactInstant, utc } from '../dates.ts';
import type { Actor, HistoryEvent } from '../shapes.ts';
import { type Key, known, t, tn, word } from '../text.ts';

/** Every kind of event, for the filter; the host refuses others. */
export const KINDS = [
  'token.created',
  'token.renamed',
  'token.revoked',
  'token.expired',
  'token.expiry_changed',
  'export.allowed',
  'export.denied',
  'policy.changed',
  'policy.applied',
  'history.sealed',
  'user.signed_in',
  'user.role_changed',
  'user.deactivated',
  'user.reactivated',
  'service.created',
  'service.revoked',
  'scim_key.created',
  'scim_key.revoked',
] as const;

/** The kinds that a person without office meets. */
export const OWN_KINDS = KINDS.filter((kind) => /^(token|export|user.signed_in)/.test(kind));

export function kindName(kind: string): string {
  return word('kind', kind);
}

export function actorName(actor: Actor): string {
  return actor.user_name ?? word('actor', actor.kind);
}

/** What is particular to the event's kind, by name. */
export function detailsOf({ details }: HistoryEvent): Record<string, unknown> {
  return typeof details === 'object' && details !== null && !Array.isArray(details) ? details : {};
}

/** A text for this kind where there is one, else the kind's name. */
export function sentence(event: HistoryEvent): string {
  const details = detailsOf(event);
  const text = (name: string) => (typeof details[name] === 'string' ? details[name] : '');
  const at = (name: string) => (text(name) === '' ? t('never') : both(text(name)));
  const n = Number(details['n_exports'] ?? details['n_changed'] ?? details['n_events'] ?? 0);
  const values = {
    who: actorName(event.actor),
    label: event.label ?? '',
    owner: event.owner?.user_name ?? '',
    user: text('user_name'),
    name: text('name'),
    hint: text('hint'),
    source: text('data_source') || t('source.unknown'),
    address: text('client_address') || t('address.unknown'),
    reason: reason(event.reason),
    cause: word('cause', text('cause')),
    old_label: text('old_label'),
    expires: at('expires_at'),
    old_end: at('old_expires_at'),
    new_end: at('new_expires_at'),
    old_role: word('role', text('old_role')),
    new_role: word('role', text('new_role')),
    date: text('date'),
  };
  switch (event.kind) {
    case 'export.allowed':
    case 'export.denied':
    case 'policy.applied':
    case 'history.sealed':
      return tn(`event.${event.kind}`, n, values);
  }
  const key = `event.${event.kind}`;
  return known(key) ? t(key, values) : kindName(event.kind);
}

function reason(code: string | null): string {
  return code === null ? '' : word('reason', code);
}

/** The person that an event is about: its owner, else whoever did it. */
export function personOf({
  owner,
  actor,
}: HistoryEvent): { user_id: string; user_name: string } | null {
  if (owner !== null) return owner;
  return actor.user_id === null
    ? null
    : { user_id: actor.user_id, user_name: actor.user_name ?? '' };
}

/** Everything that was recorded of an event, as names and values. */
export function particulars(event: HistoryEvent): { name: string; value: string; code: boolean }[] {
  const { at, kind, sequence, token_id: token, owner, details, engine } = event;
  const fact = (name: Key, value: string, code = false) => ({ name: t(name), value, code });
  return [
    fact('history.at', `${exactInstant(at)} · ${utc(at)}`),
    fact('history.kind', kind, true),
    fact('history.sequence', String(sequence)),
    ...(token === null ? [] : [fact('history.token', token, true)]),
    ...(owner === null ? [] : [fact('history.owner', owner.user_name)]),
    fact('history.more', JSON.stringify(details), true),
    fact('history.engine', engine, true),
  ];
}
