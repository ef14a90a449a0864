// Asks in a modal window: the browser's own `<dialog>`, which keeps the keyboard inside.
import { html, render, type TemplateResult } from 'lit';
import { wordsFor } from 'exportgate-shared/errors.ts';
import { t } from 'exportgate-shared/text.ts';
import { callout } from './callout.ts';

export interface Question {
  title: string;
  body: TemplateResult | string;
  /** What the confirming button says: the deed itself. */
  confirm: string;
  cancel?: string;
  danger?: boolean;
  /** Whether the confirming button may be pressed; asked at each change in the body. */
  ready?: (dialog: HTMLDialogElement) => boolean;
  /** The deed. When it fails, the window stays and says why. */
  act?: (dialog: HTMLDialogElement) => Promise<void>;
}

/** Opens a window; true when it was confirmed and the deed is done. */
export function askInDialog(question: Question): Promise<boolean> {
  const before = document.activeElement;
  const dialog = document.createElement('dialog');
  dialog.setAttribute('aria-labelledby', 'dialog-title');
  let busy = false;
  let failure: unknown;
  document.body.append(dialog);

  return new Promise((resolve) => {
    const close = (confirmed: boolean) => {
      dialog.close();
      dialog.remove();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
      resolve(confirmed);
    };
    const submit = async (event: Event) => {
      event.preventDefault();
      if (busy || question.ready?.(dialog) === false) return;
      busy = true;
      failure = undefined;
      draw();
      try {
        await question.act?.(dialog);
        close(true);
      } catch (error) {
        busy = false;
        failure = error;
        draw();
      }
    };
    const draw = () => render(template(), dialog);
    const template = () => html`<form @submit=${submit} @input=${draw} novalidate>
      <h2 id="dialog-title">${question.title}</h2>
      <div class="dialog-body">${question.body}</div>
      ${failure === undefined ? '' : callout('error', wordsFor(failure))}
      <div class="buttons">
        <button type="button" @click=${() => close(false)}>${question.cancel ?? t('cancel')}</button>
        <button
          class=${question.danger ? 'danger' : 'primary'}
          ?disabled=${question.ready?.(dialog) === false}
          aria-disabled=${busy}
        >${question.confirm}</button>
      </div>
    </form>`;
    dialog.addEventListener('cancel', (event) => {
      event.preventDefault();
      if (!busy) close(false);
    });
    draw();
    dialog.showModal();
    // The body is there now, so that `ready` can look into it.
    draw();
    dialog.querySelector<HTMLElement>('[data-first]')?.focus();
  });
}
