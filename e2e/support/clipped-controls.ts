import type { Page } from './electron-driver.js';

/**
 * Names of the controls of a page of which a part cannot be seen nor scrolled to: cut by the window or by a box that hides what does
 * not fit, or with a text that is wider than they are.
 */
export function clippedControls(page: Page): Promise<string[]> {
  return page.evaluate(LOOK) as Promise<string[]>;
}

const LOOK = `(() => {
  const clipped = [];
  for (const control of document.querySelectorAll('button, input, select, textarea, a, [role=tab], [role=radio]')) {
    const box = control.getBoundingClientRect();
    if (box.width === 0 || control.closest('.visually-hidden') !== null) continue;
    const name = control.getAttribute('aria-label') ?? control.textContent ?? control.id;
    const cut = [];
    if (control.tagName === 'BUTTON' && control.scrollWidth > control.clientWidth + 1) cut.push('its text');
    let left = 0, right = innerWidth;
    for (let around = control.parentElement; around !== null; around = around.parentElement) {
      const style = getComputedStyle(around);
      // What can be scrolled to is not lost, in the box that scrolls and in those around it.
      if (style.overflowX === 'auto' || style.overflowX === 'scroll') { if (around.scrollWidth > around.clientWidth) break; }
      if (style.overflowX === 'visible' && style.position !== 'fixed') continue;
      const edge = around.getBoundingClientRect();
      left = Math.max(left, edge.left);
      right = Math.min(right, edge.right);
      if (style.position === 'fixed' || around.tagName === 'DIALOG') break;
    }
    if (box.left < left - 1 || box.right > right + 1) cut.push('at ' + Math.round(box.left) + '–' + Math.round(box.right) + ' of ' + Math.round(left) + '–' + Math.round(right));
    if (cut.length > 0) clipped.push(name + ': ' + cut.join(', '));
  }
  if (document.documentElement.scrollWidth > innerWidth) clipped.push('the page');
  return clipped;
})()`;
