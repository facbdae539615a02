/** Buttons that copy the text beside them. Without this script they are hidden, and the text can be selected. */
for (const box of document.querySelectorAll<HTMLElement>('[data-copy]')) {
  const button = box.querySelector('button');
  const text = box.querySelector('code')?.textContent;
  if (button === null || text === undefined || text === null || navigator.clipboard === undefined) continue;
  const label = button.textContent ?? '';
  button.hidden = false;
  button.addEventListener('click', async () => {
    const done = await navigator.clipboard.writeText(text).then(
      () => 'Copied',
      () => 'Select and copy',
    );
    button.textContent = done;
    setTimeout(() => {
      button.textContent = label;
    }, 2000);
  });
}

export {};
