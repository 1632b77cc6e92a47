/** Put text on the clipboard, also where the page is served without TLS and browsers hide the modern way. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text);
  const field = document.createElement('textarea');
  field.value = text;
  field.setAttribute('readonly', '');
  field.className = 'mp-hidden';
  document.body.append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
}
