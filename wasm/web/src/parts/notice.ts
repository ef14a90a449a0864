// One line at the lower edge that says what was done; read aloud, gone after a while.

const SHOWN_MILLIS = 6_000;
let timer = 0;

/** Shows and speaks `words`. */
export function notice(words: string): void {
  const place = document.getElementById('notice');
  if (place === null) return;
  place.textContent = words;
  place.classList.add('shown');
  clearTimeout(timer);
  timer = window.setTimeout(() => {
    place.classList.remove('shown');
    place.textContent = '';
  }, SHOWN_MILLIS);
}
