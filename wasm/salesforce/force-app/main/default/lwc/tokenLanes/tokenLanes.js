// The timeline of a preview: one line per token, from today to its new end and to its old one.
import { LightningElement, api } from 'lwc';
import { both, instant, lanes, number, t, utcDay } from 'c/tokenShared';
import { text } from 'c/tokenText';

const WIDTH = 1000;

export default class TokenLanes extends LightningElement {
  /** Tokens that would end earlier, as the preview has them. */
  @api ending = [];
  text = text;

  get drawn() {
    return lanes(this.ending, WIDTH);
  }

  get latest() {
    return utcDay(this.drawn.latest);
  }

  get rows() {
    return this.drawn.lanes.map(({ token, end, old }) => ({
      key: token.token_id,
      label: token.label,
      owner: token.owner.user_name,
      uses: t('preview.per_week', { n: number(token.uses_per_week) }),
      now: token.old_expires_at === null ? text.never : instant(token.old_expires_at),
      then: instant(token.new_expires_at),
      exactThen: both(token.new_expires_at),
      end,
      old,
    }));
  }
}
