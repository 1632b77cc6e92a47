import { expect, test } from 'vitest';
import { fieldsOf, type Schema, withSetting } from './schema';

const schema: Schema = {
  $defs: {
    Duration: { type: 'object', properties: { value: { type: 'integer' }, unit: { enum: ['day'] } } },
    Test: { type: 'object', properties: { param: {}, op: { enum: ['equal'] } } },
    All: { type: 'object', properties: { all: {} } },
    Group: {
      type: 'object',
      properties: {
        name: { type: 'string', title: 'Group' },
        share: { type: 'number', title: 'Share', unit: '%' },
      },
    },
  },
  properties: {
    action: { type: 'string', title: 'Event' },
    body: { type: 'string', format: 'textarea' },
    method: { type: 'string', enum: ['POST', 'GET'] },
    share: { type: 'number' },
    on: { type: 'boolean' },
    wait: { $ref: '#/$defs/Duration', title: 'Wait for' },
    limit: { anyOf: [{ $ref: '#/$defs/Duration' }, { type: 'null' }], default: null, title: 'Wait at most' },
    where: { anyOf: [{ oneOf: [{ $ref: '#/$defs/Test' }, { $ref: '#/$defs/All' }] }, { type: 'null' }] },
    outlets: { type: 'array', items: { type: 'string' } },
    groups: { type: 'array', items: { $ref: '#/$defs/Group' } },
    headers: { type: 'object', additionalProperties: { type: 'string' } },
    increment: { type: 'object', additionalProperties: { type: 'number' } },
    set: { type: 'object', additionalProperties: true },
    json: { title: 'JSON body', default: null },
  },
  required: ['action'],
};

test('every form of property has its kind of field', () => {
  expect(Object.fromEntries(fieldsOf(schema).map(({ name, kind }) => [name, kind]))).toEqual({
    action: 'text',
    body: 'longText',
    method: 'choice',
    share: 'number',
    on: 'boolean',
    wait: 'duration',
    limit: 'duration',
    where: 'condition',
    outlets: 'texts',
    groups: 'objects',
    headers: 'textMap',
    increment: 'numberMap',
    set: 'valueMap',
    json: 'json',
  });
});

test('titles, units, and what is required come from the schema', () => {
  const fields = new Map(fieldsOf(schema).map((field) => [field.name, field]));
  expect(fields.get('action')).toMatchObject({ title: 'Event', required: true });
  expect(fields.get('limit')).toMatchObject({ title: 'Wait at most', required: false, default: null });
  expect(fields.get('groups')?.fields).toMatchObject([
    { name: 'name', title: 'Group' },
    { name: 'share', unit: '%' },
  ]);
});

test('what is left empty is left out; no and zero are values', () => {
  expect(withSetting({ a: 1, b: 2 }, 'a', '')).toEqual({ b: 2 });
  expect(withSetting({ b: 2 }, 'a', undefined)).toEqual({ b: 2 });
  expect(withSetting({}, 'a', false)).toEqual({ a: false });
  expect(withSetting({}, 'a', 0)).toEqual({ a: 0 });
});
