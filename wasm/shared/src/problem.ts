// Why the host, or the way to it, did not answer as wished.
import type { Mistake } from './shapes.ts';

/** What a refusal carries, beside its code. */
interface Particulars {
  /** All that is wrong with a draft. */
  mistakes?: Mistake[];
  /** Seconds to wait, as the host says them. */
  retryAfter?: string | null;
  requestId?: string | null;
}

/** Why there is no answer as wished. `status` 0: no answer at all. */
export class Problem extends Error {
  override name = 'Problem';
  readonly mistakes: Mistake[];
  readonly retryAfter: string | null;
  readonly requestId: string | null;

  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    { mistakes = [], retryAfter = null, requestId = null }: Particulars = {},
  ) {
    super(`${code}: ${detail}`);
    this.mistakes = mistakes;
    this.retryAfter = retryAfter;
    this.requestId = requestId;
  }

  /** Reads the host's `application/problem+json`. */
  static read(status: number, body: unknown, retryAfter: string | null): Problem {
    const problem = (typeof body === 'object' && body !== null ? body : {}) as Record<
      string,
      unknown
    >;
    const { code, detail, errors, request_id: requestId } = problem;
    if (typeof code !== 'string') return new Problem(status, 'host.unclear', `status ${status}`);
    return new Problem(status, code, typeof detail === 'string' ? detail : '', {
      mistakes: Array.isArray(errors) ? errors : [],
      retryAfter,
      requestId: typeof requestId === 'string' ? requestId : null,
    });
  }

  /** The host has surely changed nothing: it said so itself, in its own words. */
  get changedNothing(): boolean {
    return !['host.away', 'host.unclear', 'internal'].includes(this.code);
  }
}
