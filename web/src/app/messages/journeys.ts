/** The list of journeys, and a journey's life. */
export const journeys = {
  'journeys.title': 'Journeys',
  'journeys.new': 'New journey',
  'journeys.newName': 'Untitled journey',
  'journeys.find': 'Find a journey',
  'journeys.table': 'Journeys of this workspace',
  'journeys.column.name': 'Name',
  'journeys.column.state': 'State',
  'journeys.column.started': 'Started',
  'journeys.column.inProgress': 'In progress',
  'journeys.column.finished': 'Finished',
  'journeys.column.changed': 'Last change',
  'journeys.nothingFound': 'No journey has “{text}” in its name.',
  'journeys.empty.title': 'Draw your first journey',
  'journeys.empty.text':
    'A journey says what happens to a customer after an event: wait, decide, send. Every step is written on the customer’s card.',
  'journeys.duplicated': 'A copy was made as a draft.',
  'journeys.delete.title': 'Delete this draft?',
  'journeys.delete.text': '“{name}” will be gone. Nobody has been in it, so no card changes.',
  'journeys.deleted': '“{name}” was deleted.',
  'journeys.delete.refused':
    'Only a draft can be deleted. What has run stays, for its steps are on the cards of customers.',
  'state.draft': 'Draft',
  'state.active': 'Active',
  'state.paused': 'Paused',
  'state.finishing': 'Finishing',
  'state.finished': 'Finished',
} as const;
