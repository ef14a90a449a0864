// The one way to the host: Apex methods, their answers as objects, their refusals as problems.
import getMeFromApex from '@salesforce/apex/TokenGateway.getMe';
import listTokensFromApex from '@salesforce/apex/TokenGateway.listTokens';
import createTokenFromApex from '@salesforce/apex/TokenGateway.createToken';
import renameTokenFromApex from '@salesforce/apex/TokenGateway.renameToken';
import revokeTokenFromApex from '@salesforce/apex/TokenGateway.revokeToken';
import revokeAllTokensFromApex from '@salesforce/apex/TokenGateway.revokeAllTokens';
import getPolicyFromApex from '@salesforce/apex/TokenGateway.getPolicy';
import changePolicyFromApex from '@salesforce/apex/TokenGateway.changePolicy';
import previewPolicyFromApex from '@salesforce/apex/TokenGateway.previewPolicy';
import applyPolicyFromApex from '@salesforce/apex/TokenGateway.applyPolicy';
import listHistoryFromApex from '@salesforce/apex/TokenGateway.listHistory';
import getActivityFromApex from '@salesforce/apex/TokenGateway.getActivity';
import exportHistoryFromApex from '@salesforce/apex/TokenGateway.exportHistory';
import getCheckpointFromApex from '@salesforce/apex/TokenGateway.getCheckpoint';
import proveInclusionFromApex from '@salesforce/apex/TokenGateway.proveInclusion';
import proveConsistencyFromApex from '@salesforce/apex/TokenGateway.proveConsistency';
import { Problem, hear } from 'c/tokenShared';

/** The answer's text; the host's time comes with it, since the browser's clock may be wrong. */
async function text(method, parameters = {}) {
  let answer;
  try {
    answer = await method(parameters);
  } catch (error) {
    throw problemOf(error);
  }
  hear(answer.hostTime ?? null);
  return answer.body;
}

async function ask(method, parameters) {
  const body = await text(method, parameters);
  try {
    return JSON.parse(body);
  } catch {
    throw new Problem(0, 'host.unclear', 'the answer is cut off');
  }
}

/** Apex hands on the host's own problem as the message; everything else is Salesforce's. */
function problemOf(error) {
  const message = String(error?.body?.message ?? error?.message ?? '');
  try {
    const problem = JSON.parse(message);
    return Problem.read(problem.status ?? 0, problem, problem.retry_after ?? null);
  } catch {
    return new Problem(0, 'host.unclear', message);
  }
}

/** What a filter leaves empty is not sent. */
const orNull = (value) => (value === '' || value === undefined ? null : value);

const historyFilter = ({ scope, from, to, kind, user_id, token_id }) => ({
  scope,
  fromDate: orNull(from),
  toDate: orNull(to),
  kind: orNull(kind),
  userId: orNull(user_id),
  tokenId: orNull(token_id),
});

const settingsOf = ({ maximum_expiry_days, automatic_expiration, maximum_active_tokens }) => ({
  maximumExpiryDays: maximum_expiry_days,
  automaticExpiration: automatic_expiration,
  maximumActiveTokens: maximum_active_tokens,
});

export const getMe = () => ask(getMeFromApex);

export const listTokens = ({ status, label, cursor, limit }) =>
  ask(listTokensFromApex, {
    status: orNull(status),
    label: orNull(label),
    cursor: orNull(cursor),
    pageSize: orNull(limit),
  });

export const createToken = ({ label, expires_at, expires_on }) =>
  ask(createTokenFromApex, {
    label,
    expiresAt: orNull(expires_at),
    expiresOn: orNull(expires_on),
  });

export const renameToken = (tokenId, label) => ask(renameTokenFromApex, { tokenId, label });

export const revokeToken = (tokenId) => ask(revokeTokenFromApex, { tokenId });

export const revokeAllTokens = () => ask(revokeAllTokensFromApex);

export const getPolicy = () => ask(getPolicyFromApex);

export const changePolicy = (settings, version) =>
  ask(changePolicyFromApex, { ...settingsOf(settings), version });

export const previewPolicy = (settings, noticeDays) =>
  ask(previewPolicyFromApex, { ...settingsOf(settings), noticeDays });

export const applyPolicy = (noticeDays, version) =>
  ask(applyPolicyFromApex, { noticeDays, version });

export const listHistory = (filter, cursor) =>
  ask(listHistoryFromApex, { ...historyFilter(filter), cursor: orNull(cursor), pageSize: null });

export const getActivity = (filter) => {
  const { scope, fromDate, toDate, userId, tokenId } = historyFilter(filter);
  return ask(getActivityFromApex, { scope, fromDate, toDate, userId, tokenId });
};

/** CSV, as text. */
export const exportHistory = (filter) => text(exportHistoryFromApex, historyFilter(filter));

/** Brings checkpoint and proofs to the verification. */
export const prover = {
  checkpoint: () => ask(getCheckpointFromApex),
  proveInclusion: (sequence, size) => ask(proveInclusionFromApex, { sequence, size }),
  proveConsistency: (fromSize, toSize) => ask(proveConsistencyFromApex, { fromSize, toSize }),
};
