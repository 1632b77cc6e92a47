/** What kind of field a property of a JSON schema is. Pure; knows no node type. */

export interface Schema {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string;
  title?: string;
  description?: string;
  default?: unknown;
  enum?: readonly unknown[];
  format?: string;
  unit?: string;
  properties?: Record<string, Schema>;
  required?: readonly string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  anyOf?: readonly Schema[];
  oneOf?: readonly Schema[];
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  maxLength?: number;
}

export type FieldKind =
  | 'text'
  | 'longText'
  | 'number'
  | 'integer'
  | 'boolean'
  | 'choice'
  | 'duration'
  | 'condition'
  | 'texts'
  | 'objects'
  | 'textMap'
  | 'numberMap'
  | 'valueMap'
  | 'json';

export interface Field {
  name: string;
  kind: FieldKind;
  title: string;
  description?: string;
  unit?: string;
  required: boolean;
  default: unknown;
  /** With `$ref` and "or nothing" taken off. */
  schema: Schema;
  /** Of the parts of an `objects` field. */
  fields: Field[];
}

/** The fields of an object schema, in its order. */
export function fieldsOf(schema: Schema, root: Schema = schema): Field[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const inner = unwrapped(property, root);
    const kind = kindOf(inner, root);
    return {
      name,
      kind,
      title: property.title ?? inner.title ?? name,
      description: property.description,
      unit: property.unit ?? inner.unit,
      required: required.has(name),
      default: property.default,
      schema: inner,
      fields: kind === 'objects' && inner.items ? fieldsOf(deref(inner.items, root), root) : [],
    };
  });
}

function kindOf(schema: Schema, root: Schema): FieldKind {
  if (isCondition(schema, root)) return 'condition';
  if (schema.enum !== undefined) return 'choice';
  switch (schema.type) {
    case 'string':
      return schema.format === 'textarea' ? 'longText' : 'text';
    case 'number':
    case 'integer':
    case 'boolean':
      return schema.type;
    case 'array':
      return deref(schema.items ?? {}, root).type === 'object' ? 'objects' : 'texts';
    case 'object':
      return objectKind(schema);
    default:
      return 'json';
  }
}

function objectKind({ properties, additionalProperties }: Schema): FieldKind {
  if (properties !== undefined && 'value' in properties && 'unit' in properties) return 'duration';
  if (typeof additionalProperties === 'object') {
    if (additionalProperties.type === 'string') return 'textMap';
    if (additionalProperties.type === 'number') return 'numberMap';
  }
  return properties === undefined ? 'valueMap' : 'json';
}

/** A condition is whatever may be a single test: something with an operator. */
function isCondition(schema: Schema, root: Schema): boolean {
  return (schema.oneOf ?? []).some((one) => 'op' in (deref(one, root).properties ?? {}));
}

function unwrapped(schema: Schema, root: Schema): Schema {
  const direct = deref(schema, root);
  const something = direct.anyOf?.filter((one) => one.type !== 'null');
  return something?.length === 1 && something[0] !== undefined ? deref(something[0], root) : direct;
}

function deref(schema: Schema, root: Schema): Schema {
  const name = schema.$ref?.split('/').at(-1);
  return name === undefined ? schema : (root.$defs?.[name] ?? {});
}

/** The settings with one of them changed; what is left empty is left out, for then the server's default holds. */
export function withSetting(
  settings: Readonly<Record<string, unknown>>,
  name: string,
  value: unknown,
): Record<string, unknown> {
  const { [name]: _, ...rest } = settings;
  return value === undefined || value === null || value === '' ? rest : { ...settings, [name]: value };
}
