// A token's status as drawing and word.
import { html } from 'lit';
import type { Status } from 'exportgate-shared/shapes.ts';
import { t } from 'exportgate-shared/text.ts';
import * as icons from '../icons.ts';

export const status = (status: Status) =>
  html`<span class="status ${status}">${icons[status]}${t(`status.${status}`)}</span>`;
