/** The form of a node's settings, which is drawn from the server's schema. */
export const form = {
  'form.optional': '{label} (optional)',
  'form.json.invalid': 'This is not valid JSON yet; it is kept here, and used once it is.',
  'form.key': 'Name',
  'form.value': 'Value',
  'form.item': '{label} {index}',
  'form.addItem': 'Add',
  'form.addTo': 'Add to {label}',
  'form.clear': 'Clear {label}',
  'form.duplicateKey': 'This name is there twice; the last one counts.',
  'form.insert.help': 'Texts may have inserts, such as {example}.',
} as const;
